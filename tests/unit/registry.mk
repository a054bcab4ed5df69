# unit tests of src/registry
