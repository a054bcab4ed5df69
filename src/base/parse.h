#pragma once

/* Strict parsers for single values. They refuse empty text, blanks, unexpected signs and trailing
 * characters. They return 0, -EINVAL (malformed) or -ERANGE (too large). parse_address() returns
 * -EINVAL also for a port out of range. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int parse_uint64(const char *text, uint64_t *ret); /* decimal digits */
int parse_int64(const char *text, int64_t *ret);
int parse_bool(const char *text, bool *ret); /* only true and false, as in YAML 1.2 */
/* bytes such as 512, 64K, 64M, 1G, 1T: powers of 1024 */
int parse_size(const char *text, uint64_t *ret);
int parse_percent(const char *text, unsigned *ret); /* 10%: 0 to 100 */

/* Returns the value of a hexadecimal digit of either case; -1 for any other character. */
int parse_hex_digit(char c);

/* Splits "host:port" or "[host]:port". Checks the port, but not the host. *ret_port points into
 * address. */
#define ADDRESS_HOST_MAX 256
int parse_address(const char *address, char host[ADDRESS_HOST_MAX], const char **ret_port);
