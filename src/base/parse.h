#pragma once

/* Strict readers for single values. All refuse empty text, blanks, signs where none belong and
 * anything left over. Return 0, -EINVAL (not one) or -ERANGE (too large). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int parse_uint64(const char *text, uint64_t *ret); /* decimal digits */
int parse_int64(const char *text, int64_t *ret);
int parse_bool(const char *text, bool *ret);        /* true, false: YAML 1.2's words only */
int parse_size(const char *text, uint64_t *ret);    /* 512, 64K, 64M, 1G: powers of 1024 */
int parse_percent(const char *text, unsigned *ret); /* 10%: 0 to 100 */

/* "host:port" or "[host]:port", as they are written: what host means is not looked at. */
#define ADDRESS_HOST_MAX 256
int parse_address(const char *address, char host[ADDRESS_HOST_MAX], const char **ret_port);
