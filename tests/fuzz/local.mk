# Fuzzers: with --enable-fuzzing and CC=clang; each runs FUZZ_SECONDS on its corpus.
FUZZ_SECONDS = 10
FUZZERS =
check-fuzz: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do echo "$$fuzzer"; done
.PHONY: check-fuzz
