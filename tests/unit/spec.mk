# src/spec is tested whole: tests/golden
