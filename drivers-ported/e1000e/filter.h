/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames are received, and how large: configuration to register words */
#ifndef E1000E_FILTER_H
#define E1000E_FILTER_H

#include <stdint.h>

#include <linux/rs_channel.h>

/**
 * filter_mta_hash() - where a multicast address lies in the table (MTA, 10.2.5)
 * @addr: six bytes
 * Return: bit number, 0..4095: address bits 47:36, as RCTL.MO = 0 selects
 */
uint32_t filter_mta_hash(const uint8_t *addr);

/**
 * filter_mta() - the whole multicast table
 * @conf: configuration
 * @mta: out: MTA_WORDS words
 */
void filter_mta(const struct rs_net_conf *conf, uint32_t *mta);

/**
 * filter_buf_size() - the largest buffer size that the device knows
 * @len: bytes there are, at least 2048
 * @rctl: out: RCTL.BSIZE and RCTL.BSEX
 * Return: bytes, at most @len, or 0 if @len is too small
 */
uint32_t filter_buf_size(uint32_t len, uint32_t *rctl);

/**
 * filter_rctl() - the receive control register
 * @conf: configuration
 * @ret: out; RCTL.EN is not set
 * Return: 0, or -EINVAL if no buffer size fits, or a frame would not fit a buffer
 */
int filter_rctl(const struct rs_net_conf *conf, uint32_t *ret);

#endif /* E1000E_FILTER_H */
