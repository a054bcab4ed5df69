noinst_LIBRARIES += %D%/libguess.a

%C%_libguess_a_SOURCES = \
	%D%/family.c %D%/family.h \
	%D%/guess.c %D%/guess.h \
	%D%/propose.c %D%/propose.h \
	%D%/shape.c %D%/shape.h
