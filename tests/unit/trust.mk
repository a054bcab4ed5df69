# unit tests of src/trust
UNIT_TRUST_LIBS = src/trust/libtrust.a src/version/libversion.a src/registry/libregistry.a $(UNIT_MODEL_LIBS) $(PCRE2_LIBS) $(CBOR_LIBS)
check_PROGRAMS += tests/unit/test-trust
tests_unit_test_trust_SOURCES = tests/unit/test-trust.c tests/unit/signer.h tests/unit/unit.h
tests_unit_test_trust_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-simple-signing
tests_unit_test_simple_signing_SOURCES = tests/unit/test-simple-signing.c tests/unit/signer.h tests/unit/unit.h
tests_unit_test_simple_signing_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-sigstore
tests_unit_test_sigstore_SOURCES = tests/unit/test-sigstore.c tests/unit/sigstore-maker.c tests/unit/sigstore-maker.h \
	tests/unit/unit.h
tests_unit_test_sigstore_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-failing-trust
tests_unit_test_failing_trust_SOURCES = tests/unit/test-failing-trust.c tests/unit/failing-crypto.c tests/unit/notation-maker.c tests/unit/notation-maker.h \
	tests/unit/sigstore-maker.c tests/unit/sigstore-maker.h $(FAILING_SOURCES)
tests_unit_test_failing_trust_LDFLAGS = $(FAILING_LINK) \
	-Wl,--wrap=BIO_new,--wrap=BIO_new_mem_buf,--wrap=BN_bin2bn,--wrap=ECDSA_SIG_new \
	-Wl,--wrap=EVP_MD_CTX_new,--wrap=EVP_Q_digest,--wrap=OBJ_txt2obj,--wrap=OPENSSL_sk_new_null \
	-Wl,--wrap=OPENSSL_sk_push,--wrap=X509_dup,--wrap=X509_STORE_new,--wrap=X509_STORE_add_cert \
	-Wl,--wrap=X509_STORE_CTX_new,--wrap=X509_STORE_CTX_init,--wrap=i2d_PUBKEY,--wrap=ASN1_STRING_to_UTF8
tests_unit_test_failing_trust_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-predicate
tests_unit_test_predicate_SOURCES = tests/unit/test-predicate.c tests/unit/unit.h
tests_unit_test_predicate_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS)
tests_unit_test_predicate_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-annotations
tests_unit_test_annotations_SOURCES = tests/unit/test-annotations.c tests/unit/sigstore-maker.c \
	tests/unit/sigstore-maker.h tests/unit/unit.h
tests_unit_test_annotations_LDADD = $(UNIT_TRUST_LIBS)
check_PROGRAMS += tests/unit/test-notation tests/unit/test-notation-policy
tests_unit_test_notation_SOURCES = tests/unit/test-notation.c tests/unit/notation-maker.c tests/unit/notation-maker.h \
	tests/unit/sigstore-maker.c tests/unit/sigstore-maker.h tests/unit/unit.h
tests_unit_test_notation_LDADD = $(UNIT_TRUST_LIBS)
tests_unit_test_notation_policy_SOURCES = tests/unit/test-notation-policy.c tests/unit/unit.h
tests_unit_test_notation_policy_LDADD = $(UNIT_TRUST_LIBS)

# unit tests of src/verify
check_PROGRAMS += tests/unit/test-signature-json
tests_unit_test_signature_json_SOURCES = tests/unit/test-signature-json.c tests/unit/unit.h
tests_unit_test_signature_json_LDADD = src/verify/libverify.a $(UNIT_TRUST_LIBS)

# makes bundles for tests of the programs
EXTRA_PROGRAMS += tests/unit/sigstore-make
check_DATA += tests/unit/sigstore-make
tests_unit_sigstore_make_SOURCES = tests/unit/sigstore-make.c tests/unit/sigstore-maker.c tests/unit/sigstore-maker.h \
	tests/unit/unit.h
tests_unit_sigstore_make_LDADD = $(UNIT_TRUST_LIBS)
