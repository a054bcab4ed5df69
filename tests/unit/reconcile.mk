# unit tests of src/reconcile
