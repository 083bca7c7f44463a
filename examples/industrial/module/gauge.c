/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver as somebody with hardware of their own has one, here without the hardware: /dev/gauge
 * says what a gauge would measure, with the calibration that comes as firmware.
 */
#include <linux/atomic.h>
#include <linux/firmware.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>

#define GAUGE_FIRMWARE "gauge/calibration.txt"

static atomic_t readings;
static char calibration[32];

static ssize_t gauge_read(struct file *file, char __user *buffer, size_t size, loff_t *at)
{
	char text[80];
	int n;

	if (*at == 0)
		atomic_inc(&readings);
	n = scnprintf(text, sizeof(text), "reading %d, calibration %s\n", atomic_read(&readings),
		calibration);
	return simple_read_from_buffer(buffer, size, at, text, n);
}

static const struct file_operations gauge_operations = {
	.owner = THIS_MODULE,
	.read = gauge_read,
	.llseek = default_llseek,
};

static struct miscdevice gauge = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gauge",
	.fops = &gauge_operations,
	.mode = 0444,
};

static int read_calibration(struct device *device)
{
	const struct firmware *firmware;
	int r = request_firmware(&firmware, GAUGE_FIRMWARE, device);

	if (r)
		return r;
	/* Its bytes have no NUL at the end. */
	scnprintf(calibration, sizeof(calibration), "%.*s", (int)firmware->size, firmware->data);
	calibration[strcspn(calibration, "\n")] = 0;
	release_firmware(firmware);
	return 0;
}

static int __init gauge_init(void)
{
	int r = misc_register(&gauge);

	if (r)
		return r;
	r = read_calibration(gauge.this_device);
	if (r) {
		misc_deregister(&gauge);
		return r;
	}
	pr_info("gauge: calibration %s\n", calibration);
	return 0;
}

static void __exit gauge_exit(void)
{
	misc_deregister(&gauge);
}

module_init(gauge_init);
module_exit(gauge_exit);
MODULE_DESCRIPTION("A gauge that is not there");
MODULE_LICENSE("GPL");
MODULE_FIRMWARE(GAUGE_FIRMWARE);
