// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - rsmod: crash recovery and live update for user-space device drivers
 *
 * Only the ladder of initialisations; the rooms are named in Documentation/architecture.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "ctl.h"
#include "detect.h"
#include "endpoint.h"
#include "file.h"
#include "frontend.h"
#include "sysfs.h"

static int __init rs_init(void)
{
	int err;

	err = rs_endpoint_init();
	if (err)
		return err;
	err = rs_detect_init();
	if (err)
		goto err_exit_endpoint;
	err = rs_sysfs_init();
	if (err)
		goto err_exit_detect;
	rs_debugfs_init();
	err = rs_chr_init();
	if (err)
		goto err_exit_sysfs;
	err = rs_file_init();
	if (err)
		goto err_exit_chr;
	/* Last: from here on slots can be made. */
	err = rs_ctl_init();
	if (err)
		goto err_exit_file;
	return 0;

err_exit_file:
	rs_file_exit();
err_exit_chr:
	rs_chr_exit();
err_exit_sysfs:
	rs_debugfs_exit();
	rs_sysfs_exit();
err_exit_detect:
	rs_detect_exit();
err_exit_endpoint:
	rs_endpoint_exit();
	return err;
}

/* Each slot and each open file hold a reference to the module: there is none left by now. */
static void __exit rs_exit(void)
{
	rs_ctl_exit();
	rs_file_exit();
	rs_chr_exit();
	rs_debugfs_exit();
	rs_sysfs_exit();
	rs_detect_exit();
	rs_endpoint_exit();
}

module_init(rs_init);
module_exit(rs_exit);

MODULE_DESCRIPTION("Crash recovery and live update for user-space device drivers");
MODULE_AUTHOR("The rsmod authors");
MODULE_LICENSE("GPL");
