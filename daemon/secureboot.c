// SPDX-License-Identifier: GPL-2.0-only
/*
 * secureboot.c - lockdown, module signatures and where modules are
 */
#include <glob.h>
#include <sys/utsname.h>

#include "secureboot.h"

static bool lockdown(void)
{
	char buf[128];

	/* "none [integrity] confidentiality" */
	if (read_line(buf, sizeof(buf), "/sys/kernel/security/lockdown") < 0)
		return false;
	return !strstr(buf, "[none]");
}

static bool sig_enforce(void)
{
	char buf[8];

	return read_line(buf, sizeof(buf), "/sys/module/module/parameters/sig_enforce") > 0 &&
	       buf[0] == 'Y';
}

static bool secure_boot(void)
{
	char *data __cleanup_free = NULL;
	bool on = false;
	size_t len = 0;
	glob_t g;

	if (glob("/sys/firmware/efi/efivars/SecureBoot-*", 0, NULL, &g) != 0)
		return false;
	/* four bytes of attributes, then the value */
	if (g.gl_pathc > 0 && read_file(g.gl_pathv[0], &data, &len) == 0 && len >= 5)
		on = data[4] == 1;
	globfree(&g);
	return on;
}

bool secureboot_wants_signature(void)
{
	return sig_enforce() || lockdown();
}

/* The module's file for the running kernel, wherever install, dkms or a package put it. */
static bool find_module(char *path, size_t size)
{
	static const char *const places[] = {
		"updates", "updates/dkms", "extra", "kernel/drivers/rs", "kernel/drivers/misc",
	};
	static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
	struct utsname u;
	size_t i, j;

	uname(&u);
	for (i = 0; i < ARRAY_SIZE(places); i++)
		for (j = 0; j < ARRAY_SIZE(suffixes); j++)
			if (format(path, size, "/lib/modules/%s/%s/rsmod.ko%s", u.release, places[i],
				   suffixes[j]) == 0 && access(path, R_OK) == 0)
				return true;
	return false;
}

static bool is_signed(const char *path)
{
	static const char magic[] = "~Module signature appended~\n";
	char tail[sizeof(magic)] = "";
	bool found = false;
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		return false;
	if (fseek(f, -(long)(sizeof(magic) - 1), SEEK_END) == 0 &&
	    fread(tail, 1, sizeof(magic) - 1, f) == sizeof(magic) - 1)
		found = !memcmp(tail, magic, sizeof(magic) - 1);
	fclose(f);
	return found;
}

int secureboot_explain(struct reason *why, int error)
{
	struct utsname u;
	char path[256];

	uname(&u);
	if (!find_module(path, sizeof(path)))
		return refuse(why, error,
			      "the rsmod module is not loaded, and there is none for kernel %s; build and install it (make install, or dkms install rsmod), then: modprobe rsmod",
			      u.release);
	if (secureboot_wants_signature() && !is_signed(path))
		return refuse(why, error,
			      "the rsmod module is not loaded: this kernel takes only signed modules%s and %s has no signature; sign it with a key that the firmware knows (on Debian: dkms with mokutil --import /var/lib/dkms/mok.pub, then reboot)",
			      secure_boot() ? " (Secure Boot is on)" : "", path);
	return refuse(why, error, "the rsmod module is not loaded; load it with: modprobe rsmod");
}
