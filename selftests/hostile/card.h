/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of the card, from its driver; include last, some names are common ones. */
#ifndef CARD_H
#define CARD_H

#undef ARRAY_SIZE
#undef CTRL
#include "registers.h"

/* Interrupt cause set, 10.2.4.5: raises causes by hand. */
#define ICS			0x000C8

#endif /* CARD_H */
