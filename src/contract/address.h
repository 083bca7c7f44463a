/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ADDRESS:PORT in numbers; names are not looked up. IPv6 addresses are in brackets (RFC 3986
 * section 3.2.2).
 */
#ifndef WHERRY_CONTRACT_ADDRESS_H
#define WHERRY_CONTRACT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_HTTP_PORT = 80 };

/*
 * Parse "10.0.0.1:80", "[::1]:80" or "localhost:80", which is 127.0.0.1, or a port alone, which is
 * on 127.0.0.1. default_port: used when text has no port; 0: it must have one. *ret_host has no
 * brackets and is owned by the caller. False, with nothing set, when text is not an address.
 */
bool address_parse(const char *text, uint16_t default_port, char **ret_host, uint16_t *ret_port);
/* Format it so that address_parse() can read it; owned by the caller. */
char *address_format(const char *host, uint16_t port);

#endif
