# SPDX-License-Identifier: GPL-2.0-only
"""throughput.svg: what the two streams got, second by second, and what was done to the driver.

Four panels over one axis of time.  The first says when the driver was killed, in a lane for
each cause, so that marks of one moment do not hide each other; then the throughput of each
direction; last how long each recovery took, with the cold restarts beside it.  Causes have a
lane as well as a colour, and hot and cold differ in shape: nothing is told by colour alone.
"""
from math import ceil, floor, log10

WIDTH, HEIGHT = 1200, 766
LEFT, RIGHT = 96, 1050
# The column right of the axis of time: means, and the cold restarts.
COLUMN = RIGHT + 14, WIDTH - 12
LANES_TOP, LANE = 84, 18
TX_TOP, RX_TOP, RECOVERY_TOP = 208, 388, 568
PANEL = 140
AXIS = RECOVERY_TOP + PANEL
# Bins, s: about as many as can be told apart.
BINS = (0.1, 0.25, 0.5, 1, 2, 5)
MAX_BINS = 600

# Okabe and Ito's colours, told apart by colour-blind readers and on light and dark ground.
CAUSES = {"sigkill": ("SIGKILL", "#d55e00"), "sigsegv": ("SIGSEGV", "#b8609a"),
	  "sigabrt": ("SIGABRT", "#c98500"), "sigstop": ("SIGSTOP", "#3a8fc4")}
RSD = "#7a7a7a"
STREAMS = {"tx": ("out of the machine (TX)", "#0b79bf"), "rx": ("into the machine (RX)", "#0a9470")}

STYLE = """
	text { font: 13px sans-serif; fill: #333 }
	.ground { fill: #fff } .grid { stroke: #ddd } .axis { stroke: #888 }
	.title { font-size: 21px; font-weight: bold } .head { font-weight: bold }
	.small { font-size: 12px; fill: #555 }
	.quiet { fill: #888; fill-opacity: 0.10 }
	@media (prefers-color-scheme: dark) {
		text { fill: #ddd } .ground { fill: #161b22 } .grid { stroke: #333b45 }
		.axis { stroke: #777 } .small { fill: #aaa }
	}
"""


def nice(v):
	"""The next value that divides by four into round numbers."""
	scale = 1
	while True:
		for n in (4, 8, 12, 16, 20, 40):
			if v <= n * scale:
				return n * scale
		scale *= 10


def tick_step(seconds):
	return next((s for s in (1, 2, 5, 10, 20, 30, 60) if seconds / s <= 20), 120)


def bin_size(seconds):
	return next((b for b in BINS if seconds / b <= MAX_BINS), BINS[-1])


def decades(values):
	"""The powers of ten around them."""
	low, high = floor(log10(min(values))), ceil(log10(max(values)))
	return low, max(high, low + 1)


class Picture:
	"""SVG, and where a moment lies in it.  Times are ns, as in the raw files."""

	def __init__(self, begin, end):
		self.begin, self.seconds = begin, (end - begin) / 1e9
		self.out = []

	def x(self, t):
		return LEFT + (t - self.begin) / 1e9 / self.seconds * (RIGHT - LEFT)

	def put(self, markup, *args):
		self.out.append(markup % args)

	def text(self, x, y, text, cls="", anchor="start"):
		self.put('<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>', x, y, anchor,
			 ' class="%s"' % cls if cls else "", text)

	def line(self, x1, y1, x2, y2, more):
		self.put('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>', x1, y1, x2, y2, more)

	def unit(self, y0, text):
		y = y0 + PANEL / 2
		self.put('<text transform="translate(30 %.1f) rotate(-90)" text-anchor="middle">%s</text>',
			 y, text)

	def mark(self, x, y, colour, hot, stopped=False):
		"""A kill: a disc if a replica took over, a ring if none did."""
		self.put('<circle cx="%.1f" cy="%.1f" r="3.6" fill="%s" stroke="%s" stroke-width="1.6"/>',
			 x, y, colour if hot else "none", colour)
		if stopped:
			self.put('<rect x="%.1f" y="%.1f" width="13" height="13" rx="2" fill="none" '
				 'stroke="%s" stroke-width="1.4"/>', x - 6.5, y - 6.5, RSD)

	def marks_at(self, kills, y0, y1):
		for k in kills:
			x = self.x(k["time"])
			self.line(x, y0, x, y1, 'stroke="%s" stroke-opacity="0.45"' % CAUSES[k["cause"]][1])

	def lanes(self, kills, rsd_killed):
		lanes = list(CAUSES) + ["rsd"]
		y = {c: LANES_TOP + (i + 0.5) * LANE for i, c in enumerate(lanes)}
		for cause, at in y.items():
			name = CAUSES[cause][0] if cause in CAUSES else "rsd killed"
			self.text(LEFT - 8, at + 4, name, anchor="end")
			self.line(LEFT, at, RIGHT, at, 'class="grid"')
		for k in kills:
			self.mark(self.x(k["time"]), y[k["cause"]], CAUSES[k["cause"]][1],
				  k["hot"], k["rsd_stopped"])
		for t in rsd_killed:
			x, at = self.x(t), y["rsd"]
			self.put('<path d="M%.1f %.1fl5 5 5 -5 -5 -5z" fill="%s"/>', x - 5, at, RSD)
		self.key(kills)

	def key(self, kills):
		x, y = COLUMN[0], LANES_TOP + LANE / 2
		for hot, stopped, name in ((True, False, "replica took over"),
					   (False, False, "no replica"),
					   (True, True, "rsd was stopped")):
			if not hot and all(k["hot"] for k in kills):
				name += " (below)"
			self.mark(x + 7, y, CAUSES["sigkill"][1], hot, stopped)
			self.text(x + 20, y + 4, name, "small")
			y += LANE

	def throughput(self, y0, stream, kills, values, size, means, quiet_until):
		what, colour = STREAMS[stream]
		top = nice(max(values + list(means)) or 1)

		def y(v):
			return y0 + PANEL - v / top * PANEL

		self.put('<rect class="quiet" x="%d" y="%d" width="%.1f" height="%d"/>', LEFT, y0,
			 self.x(quiet_until) - LEFT, PANEL)
		for i in range(5):
			self.line(LEFT, y(top * i / 4), RIGHT, y(top * i / 4), 'class="grid"')
			self.text(LEFT - 8, y(top * i / 4) + 4, "%g" % (top * i / 4), anchor="end")
		self.marks_at(kills, y0, y0 + PANEL)
		steps = ["%.1f,%.1f" % (LEFT, y(0))]
		for i, v in enumerate(values):
			for j in (i, i + 1):
				steps.append("%.1f,%.1f" % (self.x(self.begin + j * size * 1e9), y(v)))
		steps.append("%.1f,%.1f" % (self.x(self.begin + len(values) * size * 1e9), y(0)))
		self.put('<polygon points="%s" fill="%s" fill-opacity="0.40" stroke="%s"/>',
			 " ".join(steps), colour, colour)
		self.text(LEFT, y0 - 9, "TCP %s" % what, "head")
		self.unit(y0, "Mbit/s")
		self.means(y, y0, means, colour, quiet_until)

	def means(self, y, y0, means, colour, quiet_until):
		undisturbed, disturbed = means
		q = self.x(quiet_until)
		for v, x1, x2 in ((undisturbed, LEFT, q), (disturbed, q, RIGHT)):
			self.line(x1, y(v), x2, y(v), 'stroke="%s" stroke-width="2" stroke-dasharray="7 4"' % colour)
		self.text(COLUMN[0], y0 + 14, "dashed: mean, Mbit/s", "small")
		self.text(COLUMN[0], y0 + 36, "%.1f undisturbed" % undisturbed)
		self.text(COLUMN[0], y0 + 56, "%.1f while killed" % disturbed)
		if undisturbed:
			self.text(COLUMN[0], y0 + 76, "= %.0f %%" % (100 * disturbed / undisturbed))

	def recovery(self, y0, kills, cold):
		def ms(k):
			return (k["detect_us"] + k["failover_us"]) / 1000

		low, high = decades([max(ms(k), 0.01) for k in kills + cold] or [1, 10])

		def y(v):
			return y0 + PANEL - (log10(max(v, 0.01)) - low) / (high - low) * PANEL

		for e in range(low, high + 1):
			self.line(LEFT, y(10 ** e), RIGHT, y(10 ** e), 'class="grid"')
			self.text(LEFT - 8, y(10 ** e) + 4, "%g" % 10 ** e, anchor="end")
			self.line(*COLUMN[:1], y(10 ** e), COLUMN[1], y(10 ** e), 'class="grid"')
		self.text(LEFT, y0 - 9, "From the kill to the first request that the successor completed",
			  "head")
		self.unit(y0, "ms, log scale")
		for k in kills:
			self.mark(self.x(k["time"]), y(ms(k)), CAUSES[k["cause"]][1], k["hot"])
		self.text(COLUMN[0], y0 - 9, "without a replica", "head")
		for i, k in enumerate(cold):
			x = COLUMN[0] + (i + 0.5) / len(cold) * (COLUMN[1] - COLUMN[0])
			self.mark(x, y(ms(k)), CAUSES[k["cause"]][1], k["hot"])
		if cold:
			self.text(sum(COLUMN) / 2, AXIS + 18, "%d cold restarts" % len(cold), "small", "middle")

	def time_axis(self):
		self.line(LEFT, AXIS, RIGHT, AXIS, 'class="axis"')
		for t in range(0, int(self.seconds) + 1, tick_step(self.seconds)):
			x = self.x(self.begin + t * 1e9)
			self.line(x, AXIS, x, AXIS + 5, 'class="axis"')
			self.text(x, AXIS + 20, "%d" % t, anchor="middle")
		self.text((LEFT + RIGHT) / 2, AXIS + 44, "seconds since the first byte", anchor="middle")

	def write(self, path):
		with open(path, "w") as f:
			f.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d">\n'
				'<style>%s</style>\n<rect class="ground" width="100%%" height="100%%"/>\n' %
				(WIDTH, HEIGHT, STYLE))
			f.write("\n".join(self.out) + "\n</svg>\n")


def draw(path, run, result, kills, cold, rsd_killed, rates):
	"""@rsd_killed: when; @rates: function of (stream, size of a bin in s) -> Mbit/s of each bin."""
	begin, end, quiet = run["begin"], run["kills_end"], run["kills_begin"]
	p = Picture(begin, end)
	kills = [k for k in kills if not k.get("lost")]
	cold = [k for k in cold if not k.get("lost")]
	size = bin_size(p.seconds)
	p.text(LEFT, 34, "Two TCP connections through a network driver that is killed once a second", "title")
	p.text(LEFT, 58, "User-space e1000e (82574L in QEMU), Linux %s: %d kills, %d taken over by "
	       "a replica; %s" %
	       (result["kernel"], len(kills), sum(k["hot"] for k in kills),
		"no connection lost, every byte right" if result["sha_equal"] and
		result["tcp_connections"] == result["streams"] else "THE STREAMS DID NOT SURVIVE"))
	p.lanes(kills, rsd_killed)
	for top, s in ((TX_TOP, "tx"), (RX_TOP, "rx")):
		p.throughput(top, s, kills, rates(s, size), size,
			     (result["mbps_undisturbed"][s], result["mbps_disturbed"][s]), quiet)
	p.text(RIGHT, TX_TOP - 9, "bins of %g s; shaded: before the first kill" % size, "small", "end")
	p.recovery(RECOVERY_TOP, kills, cold)
	p.time_axis()
	p.write(path)
