# sources of src/release
