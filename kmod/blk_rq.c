// SPDX-License-Identifier: GPL-2.0
/*
 * blk_rq.c - a block-layer request is one request of the ledger, and back
 *
 * The request keeps its pages until it is ended, so they are the source of every copy: it can be
 * published again to any number of instances.  Nothing is allocated here, and nothing waits.
 * While no driver is up requests are accepted as ever and wait in the ledger, started; when there
 * are no more tags the block layer waits.
 */
#include <linux/bvec.h>

#include "blk.h"
#include "detect.h"

static bool rs_blk_is_transfer(const struct rs_req *req)
{
	return req->op == RS_OP_BLK_READ || req->op == RS_OP_BLK_WRITE;
}

static struct rs_disk *rs_rq_disk(struct request *rq)
{
	return rq->q->queuedata;
}

/* Queue lock held; the pages are ours to read. */
static void rs_blk_stage(struct rs_req *req, void *va)
{
	struct request *rq = req->owner;
	struct req_iterator iter;
	struct bio_vec bv;

	if (req->op != RS_OP_BLK_WRITE)
		return;
	rq_for_each_segment(bv, rq, iter) {
		memcpy_from_bvec(va, &bv);
		va += bv.bv_len;
	}
}

static void rs_blk_fill(struct request *rq, const void *va)
{
	struct req_iterator iter;
	struct bio_vec bv;

	rq_for_each_segment(bv, rq, iter) {
		memcpy_to_bvec(&bv, va);
		va += bv.bv_len;
	}
}

static bool rs_blk_succeeded(const struct rs_req *req)
{
	return req->res >= 0 && (!rs_blk_is_transfer(req) || (u32)req->res == req->len);
}

/* Queue lock held: what a successor must be told of is noted before there can be one. */
static void rs_blk_accept(struct rs_req *req)
{
	struct request *rq = req->owner;
	struct rs_blk_pdu *pdu = blk_mq_rq_to_pdu(rq);
	struct rs_blk_log *log = &rs_rq_disk(rq)->log;

	if (!log->size || !rs_blk_succeeded(req))
		return;
	if (req->op == RS_OP_BLK_FLUSH)
		rs_blk_log_flushed(log, pdu->mark);
	if (!pdu->promised)
		return;
	pdu->promised = false;
	rs_blk_log_append(log, rq, &(struct rs_blk_entry) {
		.offset = req->offset,
		.bytes = rs_blk_is_transfer(req) ? req->len : req->data,
		.arg = req->arg,
		.op = req->op }, pdu->need);
}

static blk_status_t rs_blk_status(const struct rs_req *req)
{
	if (rs_blk_succeeded(req))
		return BLK_STS_OK;
	/* The ledger's own reasons (a removal, a quarantine) are an I/O error to clients. */
	if (!req->epoch || req->res >= 0)
		return BLK_STS_IOERR;
	/* What says something of the request; others have a meaning to the block layer itself. */
	switch (req->res) {
	case -EOPNOTSUPP:
	case -ETIMEDOUT:
	case -ENOSPC:
	case -ENODATA:
	case -EILSEQ:
		return errno_to_blk_status(req->res);
	}
	return BLK_STS_IOERR;
}

static void rs_blk_done(struct rs_req *req)
{
	struct request *rq = req->owner;
	struct rs_blk_pdu *pdu = blk_mq_rq_to_pdu(rq);
	blk_status_t status = rs_blk_status(req);

	if (pdu->promised)
		rs_blk_log_unreserve(&rs_rq_disk(rq)->log, pdu->need);
	if (req->op == RS_OP_BLK_READ && status == BLK_STS_OK)
		rs_blk_fill(rq, rs_req_va(req));
	/* The tag first: who gets the request's tag finds one in the ledger. */
	rs_req_free(req);
	blk_mq_end_request(rq, status);
}

static const struct rs_req_ops rs_blk_req_ops = {
	.stage	= rs_blk_stage,
	.accept	= rs_blk_accept,
	.done	= rs_blk_done,
};

/* What a process cache may lose needs room in the log. */
static blk_status_t rs_blk_promise(struct rs_disk *disk, struct request *rq, u32 bytes)
{
	struct rs_blk_pdu *pdu = blk_mq_rq_to_pdu(rq);
	struct rs_blk_log *log = &disk->log;

	if (!rs_blk_log_reserve(log, bytes)) {
		rs_blk_log_flush(disk);
		/* The flush runs the queues; if it was over before we said so, so does the timer. */
		return READ_ONCE(log->failed) ? BLK_STS_IOERR : BLK_STS_RESOURCE;
	}
	pdu->need = bytes;
	pdu->promised = true;
	if (rs_blk_log_half_full(log))
		rs_blk_log_flush(disk);
	return BLK_STS_OK;
}

/* -1: there is none. */
static int rs_blk_op(const struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return RS_OP_BLK_READ;
	case REQ_OP_WRITE:
		return RS_OP_BLK_WRITE;
	case REQ_OP_FLUSH:
		return RS_OP_BLK_FLUSH;
	case REQ_OP_DISCARD:
		return RS_OP_BLK_DISCARD;
	case REQ_OP_WRITE_ZEROES:
		return RS_OP_BLK_WRITE_ZEROES;
	default:
		return -1;
	}
}

static void rs_blk_translate(struct rs_req *req, struct request *rq, u16 op)
{
	req->ops = &rs_blk_req_ops;
	req->owner = rq;
	req->op = op;
	req->minor = rs_rq_disk(rq)->announce.minor;
	req->replay = RS_REPLAY_AGAIN;
	if (op == RS_OP_BLK_FLUSH)
		return;
	req->offset = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;
	if (op == RS_OP_BLK_WRITE && rq->cmd_flags & REQ_FUA)
		req->arg = RS_BLK_FUA;
	if (op == RS_OP_BLK_WRITE_ZEROES && rq->cmd_flags & REQ_NOUNMAP)
		req->arg = RS_BLK_NO_UNMAP;
	if (rs_blk_is_transfer(req)) {
		req->flags = RS_REQ_BUF;
		req->len = blk_rq_bytes(rq);
		req->buf_want = req->len;
	} else {
		req->data = blk_rq_bytes(rq);
	}
}

static blk_status_t rs_blk_queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct rs_queue *queue = hctx->driver_data;
	struct request *rq = bd->rq;
	struct rs_disk *disk = rs_rq_disk(rq);
	struct rs_blk_pdu *pdu = blk_mq_rq_to_pdu(rq);
	int op = rs_blk_op(rq);
	struct rs_req *req;
	blk_status_t status;

	if (op < 0)
		return BLK_STS_NOTSUPP;
	/* The block layer leaves it to us whether a disk that cannot be written is. */
	if (READ_ONCE(disk->blk->dead) ||
	    (op_is_write(req_op(rq)) && disk->announce.flags & RS_BLK_READ_ONLY))
		return BLK_STS_IOERR;
	*pdu = (struct rs_blk_pdu) {};
	if (disk->log.size) {
		if (op == RS_OP_BLK_FLUSH)
			pdu->mark = rs_blk_log_mark(&disk->log);
		else if (op != RS_OP_BLK_READ) {
			status = rs_blk_promise(disk, rq,
						op == RS_OP_BLK_WRITE ? blk_rq_bytes(rq) : 0);
			if (status != BLK_STS_OK)
				return status;
		}
	}
	req = rs_req_get(queue, RS_RANK_CLIENT);
	if (!req) {
		/* The log's own requests have some; the block layer asks again. */
		if (pdu->promised)
			rs_blk_log_unreserve(&disk->log, pdu->need);
		return BLK_STS_RESOURCE;
	}
	rs_blk_translate(req, rq, op);
	blk_mq_start_request(rq);
	/* From here on the request may be gone. */
	rs_req_submit(req, bd->last);
	return BLK_STS_OK;
}

static void rs_blk_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	rs_queue_kick(hctx->driver_data);
}

/*
 * How long a request has been under way says nothing while there is no driver.  Whether one hangs
 * the ledger knows, by the deadline of its publication: have it looked at.
 */
static enum blk_eh_timer_return rs_blk_timeout(struct request *rq)
{
	rs_detect_arm(rs_rq_disk(rq)->blk->slot);
	return BLK_EH_RESET_TIMER;
}

static int rs_blk_init_hctx(struct blk_mq_hw_ctx *hctx, void *data, unsigned int index)
{
	struct rs_blk *blk = data;

	hctx->driver_data = blk->slot->queue[1 + index];
	return 0;
}

const struct blk_mq_ops rs_blk_mq_ops = {
	.queue_rq	= rs_blk_queue_rq,
	.commit_rqs	= rs_blk_commit_rqs,
	.timeout	= rs_blk_timeout,
	.init_hctx	= rs_blk_init_hctx,
};
