/* SPDX-License-Identifier: Apache-2.0 */
/* ADDRESS:PORT, in numbers: nothing is looked up. IPv6 is in brackets (RFC 3986 section 3.2.2). */
#ifndef WHERRY_CONTRACT_ADDRESS_H
#define WHERRY_CONTRACT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_HTTP_PORT = 80 };

/*
 * "10.0.0.1:80", "[::1]:80", "localhost:80", which is 127.0.0.1, or a port alone, there too.
 * default_port: where text has none; 0: it must have one. *ret_host is without brackets and owned
 * by the caller. False, with nothing set, when text is none of these.
 */
bool address_parse(const char *text, uint16_t default_port, char **ret_host, uint16_t *ret_port);
/* The text that address_parse() reads; owned by the caller. */
char *address_format(const char *host, uint16_t port);

#endif
