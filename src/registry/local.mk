# sources of src/registry
