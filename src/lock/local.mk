# sources of src/lock
