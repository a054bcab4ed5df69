# unit tests of src/lock
