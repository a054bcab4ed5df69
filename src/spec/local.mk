# sources of src/spec
