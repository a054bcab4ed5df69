# sources of src/version
