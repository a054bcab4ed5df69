# unit tests of src/release
