# unit tests of src/version
