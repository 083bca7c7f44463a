/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/runtime.h"

const char *const contract_namespaces[CONTRACT_NAMESPACES] = {
	"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
