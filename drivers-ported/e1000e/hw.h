/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device less its rings: reset, set-up, filters, link, interrupt mask
 *
 * Nothing here is called for each frame.
 */
#ifndef E1000E_HW_H
#define E1000E_HW_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/rs_channel.h>

/**
 * struct hw - the device
 * @regs: BAR 0
 * @mask: interrupts that are switched on
 */
struct hw {
	void *regs;
	uint32_t mask;
};

/* hw_quiet() - no interrupt, no reception, no transmission. */
void hw_quiet(struct hw *hw);

/*
 * hw_reset() - global reset (CTRL.RST) of a quiet device.  The PHY is left alone, unless
 * there is no link because it was powered down.  Returns 0 or -EIO.
 */
int hw_reset(struct hw *hw);

/*
 * hw_setup() - all that does not depend on the configuration, of a quiet device, from
 * whatever the registers held before.
 */
void hw_setup(struct hw *hw);

/* hw_mac() - the address that the reset loaded from the NVM, six bytes. */
void hw_mac(struct hw *hw, uint8_t *mac);

/* hw_set_filters() - own address and multicast table. */
void hw_set_filters(struct hw *hw, const struct rs_net_conf *conf);

/* hw_set_rx() - the receive control register; RCTL_EN is in @rctl or not. */
void hw_set_rx(struct hw *hw, uint32_t rctl);

/* hw_stop_rx() - stop reception and let the frame that is coming in come to its end. */
void hw_stop_rx(struct hw *hw);

/* hw_start_tx() - switch transmission on. */
void hw_start_tx(struct hw *hw);

/* hw_stop_tx() - switch it off and let the frame that is going out come to its end. */
void hw_stop_tx(struct hw *hw);

/* hw_rings_empty() - did the device take over heads and tails of 0? */
bool hw_rings_empty(struct hw *hw);

/* hw_link() - RS_NET_LINK_* and the speed in Mbit/s. */
uint32_t hw_link(struct hw *hw, uint32_t *speed);

/* hw_mask() - switch all interrupts off. */
void hw_mask(struct hw *hw);

/* hw_unmask() - switch interrupts on; those whose cause is there fire at once. */
void hw_unmask(struct hw *hw, uint32_t causes);

/* hw_causes() - what happened since the last call.  Only while all are masked. */
uint32_t hw_causes(struct hw *hw);

#endif /* E1000E_HW_H */
