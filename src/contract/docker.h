/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's capabilities: what the word `docker` among an entry's capabilities stands for. */
#ifndef WHERRY_CONTRACT_DOCKER_H
#define WHERRY_CONTRACT_DOCKER_H

#define DOCKER_WORD "docker"
enum { DOCKER_CAPABILITIES = 14 };

/* "CAP_CHOWN" and so on: what Docker gives a container that asks for nothing. */
extern const char *const contract_docker_capabilities[DOCKER_CAPABILITIES];

#endif
