# unit tests of src/model
