// For comparison with a first sync: go-scan REPOSITORY. Lists the tags of a repository with containers/image
// and gets the digest of each tag, with 16 workers. Prints the number of tags and of different digests.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/containers/image/docker"
	"github.com/containers/image/types"
)

const workers = 16

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func digestOf(ctx context.Context, system *types.SystemContext, name string) string {
	reference, err := docker.ParseReference("//" + name)
	check(err)
	digest, err := docker.GetDigest(ctx, system, reference)
	check(err)
	return string(digest)
}

func main() {
	if len(os.Args) != 2 {
		os.Exit(2)
	}
	ctx := context.Background()
	system := &types.SystemContext{DockerInsecureSkipTLSVerify: types.OptionalBoolTrue}
	repository, err := docker.ParseReference("//" + os.Args[1])
	check(err)
	tags, err := docker.GetRepositoryTags(ctx, system, repository)
	check(err)

	digests := make([]string, len(tags))
	next := make(chan int)
	var running sync.WaitGroup
	for i := 0; i < workers; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			for index := range next {
				digests[index] = digestOf(ctx, system, os.Args[1]+":"+tags[index])
			}
		}()
	}
	for index := range tags {
		next <- index
	}
	close(next)
	running.Wait()

	different := map[string]bool{}
	for _, digest := range digests {
		different[digest] = true
	}
	fmt.Println(len(tags), len(different))
}
