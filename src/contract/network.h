/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of the YAML's key `network` (docs/yaml.md): the build writes it as JSON, with the
 * same keys, into a script of NETWORK_PROGRAM, which the supervisor runs before onboot.
 */
#ifndef WHERRY_CONTRACT_NETWORK_H
#define WHERRY_CONTRACT_NETWORK_H

/* Its first line names the program; relative to the root, as contract/paths.h. */
#define NETWORK_SCRIPT  "etc/init.d/005-network"
#define NETWORK_PROGRAM "sbin/network"

/* ---- keys ---- */

#define NETWORK_KEY_INTERFACES "interfaces"
#define NETWORK_KEY_DNS        "dns"
/* In each interface. */
#define NETWORK_KEY_NAME      "name"
#define NETWORK_KEY_MATCH     "match"
#define NETWORK_KEY_DHCP      "dhcp"
#define NETWORK_KEY_ADDRESSES "addresses"
#define NETWORK_KEY_ROUTES    "routes"
#define NETWORK_KEY_MTU       "mtu"
#define NETWORK_KEY_ACCEPT_RA "accept-ra"
#define NETWORK_KEY_VLAN      "vlan"
#define NETWORK_KEY_BOND      "bond"
#define NETWORK_KEY_BRIDGE    "bridge"
/* In "match", beside NETWORK_KEY_NAME. */
#define NETWORK_KEY_MAC    "mac"
#define NETWORK_KEY_DRIVER "driver"
/* In each route. */
#define NETWORK_KEY_TO      "to"
#define NETWORK_KEY_VIA     "via"
#define NETWORK_KEY_METRIC  "metric"
#define NETWORK_KEY_ON_LINK "on-link"
/* In "vlan". */
#define NETWORK_KEY_ID   "id"
#define NETWORK_KEY_LINK "link"
/* In "bond" and "bridge", which have NETWORK_KEY_INTERFACES, too. */
#define NETWORK_KEY_MODE    "mode"
#define NETWORK_KEY_PRIMARY "primary"
#define NETWORK_KEY_STP     "stp"
/* In "dns". */
#define NETWORK_KEY_SERVERS "servers"
#define NETWORK_KEY_SEARCH  "search"

/* ---- words and limits ---- */

#define NETWORK_DEFAULT  "default" /* in "to": whatever no other route is for */
#define NETWORK_LOOPBACK "lo"      /* the kernel's interface for the machine itself */

/* Their numbers in the kernel are the indexes; NULL ends them. */
extern const char *const network_bond_modes[];
enum { NETWORK_BOND_ACTIVE_BACKUP = 1, NETWORK_BOND_TLB = 5, NETWORK_BOND_ALB = 6 };

enum {
	NETWORK_NAME_MAX = 15, /* bytes: IFNAMSIZ less the NUL */
	NETWORK_MTU_MIN = 68,  /* RFC 791 */
	NETWORK_MTU_MAX = 65535,
	NETWORK_MTU_IPV6 = 1280, /* RFC 8200 section 5 */
	NETWORK_VLAN_MAX = 4094, /* IEEE 802.1Q: 0 and 4095 are reserved */
	NETWORK_INTERFACES_MAX = 256,
	NETWORK_LIST_MAX = 1024, /* addresses of all interfaces, and routes */
	NETWORK_SERVERS_MAX = 3, /* no resolver looks at more */
};

/* What is wrong with a name of an interface: "is longer than 15 bytes"; NULL: nothing. */
const char *network_name_fault(const char *name);

#endif
