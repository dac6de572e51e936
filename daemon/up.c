// SPDX-License-Identifier: GPL-2.0-only
/*
 * up.c - the checks of `rsctl up`, in the order in which a person would make them
 */
#include <sys/stat.h>

#include "devbind.h"
#include "log.h"
#include "up.h"

static int find_conf(struct manager *m, const char *label, const struct conf_service **ret,
		     struct reason *why)
{
	const struct conf_service *s;
	char list[512] = "";
	size_t len = 0;
	int r;

	/* what was edited since the last time counts */
	r = manager_reload(m, why);
	if (r < 0)
		return r;
	*ret = conf_find(&m->conf, label);
	if (*ret)
		return 0;
	for (s = m->conf.services; s && len < sizeof(list); s = s->next)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
					s->label);
	if (!list[0])
		return refuse(why, -ENOENT,
			      "there is no service %.40s: the configuration is empty; describe it in /etc/rs/system.conf",
			      label);
	return refuse(why, -ENOENT, "there is no service %.40s; known are: %s", label, list);
}

int up_check_program(const char *label, const char *program, struct reason *why)
{
	struct stat st;

	if (stat(program, &st) < 0)
		return refuse(why, -errno,
			      "%s's program %s: %s; install it, or correct program in system.conf",
			      label, program, strerror(errno));
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return refuse(why, -EACCES, "%s's program %s is not an executable file", label,
			      program);
	return 0;
}

static int check_not_taken(struct manager *m, const struct pci_device *d, struct reason *why)
{
	const struct service *s;

	for (s = m->services; s; s = s->next)
		if (streq(s->device, d->name))
			return refuse(why, -EBUSY, "%s is held by service %s; rsctl down %s frees it",
				      d->name, s->label, s->label);
	return 0;
}

static int check_verdict(const struct pci_device *d, bool force, struct reason *why)
{
	switch (devbind_judge(d, why)) {
	case DEVBIND_USABLE:
	case DEVBIND_FOREIGN:
		break;
	case DEVBIND_DEFAULT_ROUTE:
	case DEVBIND_DISK_IN_USE:
		if (!force)
			return -EBUSY;
		break;
	case DEVBIND_SHARED:
		return -EXDEV;
	case DEVBIND_NO_IOMMU:
		return -ENODEV;
	default:
		return -EPERM;
	}
	why->text[0] = '\0';
	return 0;
}

static int prepare_device(struct manager *m, struct service *s, bool force, struct reason *why)
{
	struct pci_device d;
	int r;

	if (!conf_wants_device(s->conf))
		return 0;
	r = devbind_find(s->conf, &d, why);
	if (r == 0)
		r = check_not_taken(m, &d, why);
	if (r == 0)
		r = check_verdict(&d, force, why);
	if (r < 0)
		return r;
	copy_text(s->device, sizeof(s->device), d.name);
	copy_text(s->kernel_driver, sizeof(s->kernel_driver), d.driver);
	if (s->conf->class != RS_CLASS_NET || !d.ifname[0])
		return 0;
	r = netcfg_record(&s->netcfg, d.ifname, why);
	if (r < 0)
		return r;
	copy_text(s->kernel_ifname, sizeof(s->kernel_ifname), d.ifname);
	memcpy(s->kernel_mac, s->netcfg.link.mac, sizeof(s->kernel_mac));
	return 0;
}

int up_prepare(struct manager *m, const char *label, const struct up_options *o,
	       struct service **ret, struct reason *why)
{
	const struct conf_service *conf;
	struct service *s;
	int r;

	r = find_conf(m, label, &conf, why);
	if (r == 0)
		r = knl_connect(m->knl, why);
	if (r == 0)
		r = up_check_program(conf->label, conf->program, why);
	if (r < 0)
		return r;
	s = service_new(m, label);
	if (!s)
		return -ENOMEM;
	s->conf = conf_service_copy(conf);
	if (!s->conf) {
		r = -ENOMEM;
		goto err_free;
	}
	s->replica = o->replica < 0 ? conf->replica : (unsigned int)o->replica;
	r = prepare_device(m, s, o->force, why);
	if (r < 0)
		goto err_free;
	*ret = s;
	return 0;

err_free:
	service_free(s);
	return r;
}
