/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h - /dev/rsmod
 */
#ifndef _RS_FILE_H
#define _RS_FILE_H

int rs_file_init(void);
void rs_file_exit(void);

#endif /* _RS_FILE_H */
