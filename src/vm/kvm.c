/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#include "base/mem.h"
#include "oci/platform.h"

/* The device is often there without working: no permission, no hardware, a sandbox. Only making a CPU shows it. */
static bool can_make_cpu(void)
{
	CLEANUP(fd) int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	CLEANUP(fd) int vm = -1;
	CLEANUP(fd) int cpu = -1;

	if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return false;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return false;
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	return cpu >= 0;
}

bool qemu_kvm_works(const char *arch)
{
	struct platform host;

	platform_host(&host);
	return str_eq(host.arch, arch) && can_make_cpu();
}
