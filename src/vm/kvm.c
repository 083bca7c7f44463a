/* SPDX-License-Identifier: Apache-2.0 */
/* Whether KVM works here, and at the speed of the processor. */
#include "vm/qemu.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/kvm.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "oci/platform.h"

#ifdef __x86_64__

enum {
	GUEST_PAGE = 4096,
	TRIES = 3,
	/*
	 * The loop below takes microseconds on a processor, and milliseconds when it is emulated.
	 */
	LIMIT_US = 2000,
};

/* A loop of 10,000 rounds in real mode: mov ecx, 10000; again: dec ecx; jnz again; hlt. */
static const unsigned char loop_code[] = {
	0x66, 0xb9, 0x10, 0x27, 0x00, 0x00, 0x66, 0x49, 0x75, 0xfc, 0xf4};

/* Run the loop once from its start; returns the time in microseconds, or -1. */
static int64_t run_loop(int cpu, struct kvm_run *run)
{
	struct kvm_sregs segments;
	struct kvm_regs registers = {.rip = GUEST_PAGE, .rflags = 2};
	uint64_t started;

	if (ioctl(cpu, KVM_GET_SREGS, &segments) < 0)
		return -1;
	segments.cs.base = 0;
	segments.cs.selector = 0;
	if (ioctl(cpu, KVM_SET_SREGS, &segments) < 0 || ioctl(cpu, KVM_SET_REGS, &registers) < 0)
		return -1;
	started = clock_us();
	if (ioctl(cpu, KVM_RUN, 0) < 0 || run->exit_reason != KVM_EXIT_HLT)
		return -1;
	return (int64_t)(clock_us() - started);
}

/*
 * Inside some virtual machines KVM works, but emulates every instruction, a hundred times slower
 * than TCG. Timing shows it. The best of a few tries counts, as the host may be busy.
 */
static bool runs_at_speed(int kvm, int vm, int cpu)
{
	char *page =
		mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run = MAP_FAILED;
	int64_t best = -1;

	if (size > 0)
		run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (page != MAP_FAILED && run != MAP_FAILED) {
		struct kvm_userspace_memory_region region = {.guest_phys_addr = GUEST_PAGE,
			.memory_size = GUEST_PAGE,
			.userspace_addr = (uintptr_t)page};

		memcpy(page, loop_code, sizeof(loop_code));
		if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0)
			for (int i = 0; i < TRIES; i++) {
				int64_t time = run_loop(cpu, run);

				if (time >= 0 && (best < 0 || time < best))
					best = time;
			}
	}
	if (run != MAP_FAILED)
		munmap(run, (size_t)size);
	if (page != MAP_FAILED)
		munmap(page, GUEST_PAGE);
	if (best > LIMIT_US)
		log_detail("KVM works but is emulated here (%lld us for 10000 rounds): not used",
			(long long)best);
	return best >= 0 && best <= LIMIT_US;
}

#else

static bool runs_at_speed(ATTR_UNUSED int kvm, ATTR_UNUSED int vm, ATTR_UNUSED int cpu)
{
	return true;
}

#endif

/*
 * The device often exists without working: no permission, no hardware, a sandbox. Only running a
 * CPU shows whether it does.
 */
static bool can_run_cpu(void)
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
	return cpu >= 0 && runs_at_speed(kvm, vm, cpu);
}

bool qemu_kvm_works(const char *arch)
{
	struct platform host;

	platform_host(&host);
	return str_eq(host.arch, arch) && can_run_cpu();
}
