"""The metrics of a daemon that has polled one component and has one receiver of events."""

import re

from docker_registry import DockerRegistry, free_port
from relman import Site, wait_for


def served(test):
    """Returns what the daemon serves at /metrics, and the names that its types declare, with those of histograms."""
    registry, site = DockerRegistry(), Site()
    test.addCleanup(registry.close)
    test.addCleanup(site.close)
    registry.push("app/api", "v1.0.0")
    site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{registry.url}'}}\n---\n"
               f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api}}\nspec: {{imageRepository: {registry.host}/app/api}}\n")
    site.start(f"events: {{webhooks: [{{name: nobody, url: 'http://127.0.0.1:{free_port()}/'}}]}}\n")
    wait_for(lambda: "relman_component_last_success_timestamp_seconds{" in site.call("GET", "/metrics")[1], what="a poll")
    text = site.call("GET", "/metrics")[1]
    names = set(re.findall(r"^# TYPE (relman_[a-z_]+)", text, re.M))
    names |= {name + end for name in re.findall(r"^# TYPE (relman_[a-z_]+) histogram", text, re.M) for end in ("_bucket", "_sum", "_count")}
    return text, names
