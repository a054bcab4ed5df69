# unit tests of src/spec
