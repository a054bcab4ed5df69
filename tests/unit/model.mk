# unit tests of src/model
check_PROGRAMS += tests/unit/test-model
tests_unit_test_model_SOURCES = tests/unit/test-model.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_model_LDADD = $(UNIT_MODEL_LIBS)
check_PROGRAMS += tests/unit/test-json
tests_unit_test_json_SOURCES = tests/unit/test-json.c tests/unit/unit.h tests/unit/fixture.h
tests_unit_test_json_LDADD = $(UNIT_MODEL_LIBS) -lm
check_PROGRAMS += tests/unit/test-source
tests_unit_test_source_SOURCES = tests/unit/test-source.c tests/unit/unit.h
tests_unit_test_source_LDADD = $(UNIT_MODEL_LIBS)
check_PROGRAMS += tests/unit/test-image-change
tests_unit_test_image_change_SOURCES = tests/unit/test-image-change.c tests/unit/unit.h
tests_unit_test_image_change_LDADD = $(UNIT_MODEL_LIBS)
check_PROGRAMS += tests/unit/test-event-body
tests_unit_test_event_body_SOURCES = tests/unit/test-event-body.c tests/unit/unit.h
tests_unit_test_event_body_LDADD = $(UNIT_MODEL_LIBS)
