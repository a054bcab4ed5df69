# sources of src/reconcile
