"""A Report as one static HTML page: no script, nothing loaded. The look is that of `runner report`."""

import html
import math
import pathlib

from bench.history import changes, nights

STYLE = pathlib.Path(__file__).resolve().parents[2] / "sim/report/style.css"
OWN_STYLE = """
.trend .mean { stroke: var(--s0); stroke-width: 2; }
.trend .value { fill: var(--plain); } .trend a:hover .value { fill: var(--aside); }
.trend .bad { fill: var(--bad); } .trend .good { fill: var(--good); } .trend .aside { fill: var(--dim); }
.trend .bound { stroke: var(--warn); stroke-dasharray: 5 4; }
caption, td:last-child { white-space: nowrap; }
"""
WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 22, 24


def _anchor(name):
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def _number(value):
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return "%.4g%s" % (value / size, unit)
    return "%.4g" % value


def _artefacts(night, text):
    if not night.artefacts:
        return text
    return '<a href="%s/">%s</a>' % (html.escape(night.artefacts, quote=True), text)


class _Drawing:
    """A trend's values, a point a night, over an axis that spans them and little more: it is changes that
    matter. A target that is far away is not drawn."""

    def __init__(self, trend, bound):
        self.trend = trend
        least, most = min(trend.values), max(trend.values)
        self.bound = bound if bound and least / 1.25 <= bound <= most * 1.25 else None
        if self.bound:
            least, most = min(least, bound), max(most, bound)
        room = (most - least) * 0.08 or abs(most) * 0.01 or 1
        self.least, self.most = least - room, most + room

    def x(self, night):
        return LEFT + (WIDTH - LEFT - RIGHT) * (night + 0.5) / len(self.trend.values)

    def y(self, value):
        part = (value - self.least) / (self.most - self.least)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part

    def axis(self):
        step = 10 ** math.floor(math.log10((self.most - self.least) / 2))
        step *= next(times for times in (5, 2, 1) if (self.most - self.least) / (times * step) >= 2)
        for mark in range(math.ceil(self.least / step), math.floor(self.most / step) + 1):
            y = self.y(mark * step)
            yield '<path class="grid" d="M%d %.1fH%d"/>' % (LEFT, y, WIDTH - RIGHT)
            yield '<text class="end" x="%d" y="%.1f">%s</text>' % (LEFT - 6, y + 4, _number(mark * step))
        first, last = self.trend.nights[0].time[:10], self.trend.nights[-1].time[:10]
        yield '<text x="%d" y="%d">%s</text>' % (LEFT, HEIGHT - 6, html.escape(first))
        if first != last:
            yield '<text class="end" x="%d" y="%d">%s</text>' % (
                WIDTH - RIGHT, HEIGHT - 6, html.escape(last))
        yield '<text x="4" y="14">%s</text>' % html.escape(self.trend.unit)

    def points(self):
        for i, (night, value) in enumerate(zip(self.trend.nights, self.trend.values)):
            title = "%s %s: commit %s, %s" % (_number(value), self.trend.unit, night.commit[:9], night.time)
            circle = '<circle class="value" cx="%.1f" cy="%.1f" r="3"><title>%s</title></circle>'
            yield _artefacts(night, circle % (self.x(i), self.y(value), html.escape(title)))

    def means(self, groups):
        for first, last, mean in groups:
            yield '<path class="mean" d="M%.1f %.1fH%.1f"><title>mean %s</title></path>' % (
                self.x(first - 0.4), self.y(mean), self.x(last + 0.4), _number(mean))

    def marks(self, findings):
        """A triangle a change: up or down as the figure went; worse and better by colour and by word."""
        for finding in findings:
            worse = finding.trend.worse(finding.change.ratio)
            what, look = ("worse", "bad") if worse else ("better", "good")
            if finding.machine or finding.trend.is_canary:
                what, look = "the machine", "aside"
            up = 1 if finding.change.ratio > 1 else -1
            yield '<path class="%s" d="M%.1f %.1fl5 %dh-10z"><title>%s: %s</title></path>' % (
                look, self.x(finding.change.at), TOP + 4 if up < 0 else TOP - 6, 10 * up, what,
                html.escape(finding.words))


def _trend(trend, findings, targets):
    bound = targets.most.get(trend.name) or targets.least.get(trend.name)
    drawing = _Drawing(trend, bound)
    parts = [*drawing.axis()]
    if drawing.bound:
        parts.append('<path class="bound" d="M%d %.1fH%d"><title>target %s</title></path>' % (
            LEFT, drawing.y(drawing.bound), WIDTH - RIGHT, html.escape(targets.bound(trend.name))))
    groups = changes.groups(trend.values, trend.changes)
    parts += [*drawing.means(groups), *drawing.points(), *drawing.marks(findings)]
    better = "less is better" if trend.less_is_better else "more is better"
    return ('<figure id="%s"><figcaption>%s, %s%s</figcaption>\n<svg class="chart trend" role="img" '
            'viewBox="0 0 %d %d"><title>%s</title>\n%s\n</svg></figure>\n') % (
                _anchor(trend.name), html.escape(trend.name), better,
                ", target " + html.escape(targets.bound(trend.name)) if bound else "", WIDTH, HEIGHT,
                html.escape(trend.name), "\n".join(parts))


def _table(caption, header, rows):
    if not rows:
        return "<p>%s: none.</p>\n" % caption
    head = "".join("<th>%s</th>" % cell for cell in header)
    body = "".join("<tr><th>%s</th>%s</tr>\n" % (row[0], "".join("<td>%s</td>" % cell for cell in row[1:]))
                   for row in rows)
    return ('<div class="scroll"><table><caption>%s</caption><thead><tr>%s</tr></thead>\n<tbody>%s</tbody>'
            "</table></div>\n") % (caption, head, body)


def _link(trend):
    return '<a href="#%s">%s</a>' % (_anchor(trend.name), html.escape(trend.name))


def _change_rows(findings):
    for finding in findings:
        kind = "pass" if not finding.trend.worse(finding.change.ratio) else "fail"
        word = {"pass": "better", "fail": "WORSE"}[kind]
        if finding.machine or finding.trend.is_canary:
            kind, word = "skip", "the machine"
        badge = '<span class="badge %s">%s</span>' % (kind, word)
        yield (_link(finding.trend), badge, html.escape(finding.words),
               _artefacts(finding.night, html.escape(finding.night.time[:10])))


def page(report, history, targets):
    """The whole page. `targets` are the machine's; `history` is what the report looked at."""
    last = history[-1]
    new = [finding for finding in report.findings if finding.new]
    old = [finding for finding in report.findings if not finding.new]
    body = ["<h1>Penstock, night by night</h1>\n"
            "<p>%s on %s, commit %s, %s. %d nights. New regressions: %d.</p>\n" % (
                html.escape(last.time), html.escape(last.machine), html.escape(last.commit[:9]),
                _artefacts(last, "artefacts"), len(history), len(report.new_regressions))]
    header = ("series", "", "change", "since")
    body.append(_table("New last night", header, [*_change_rows(new)]))
    body.append(_table("Suspects: odd last night, not yet a change", ("series", "off by"), [
        (_link(trend), "%+.1f %%" % (100 * (ratio - 1))) for trend, ratio in report.suspects]))
    body.append(_table("Targets missed", ("series", "last night", "target"), [
        (_link(trend), "%s %s" % (_number(trend.values[-1]), html.escape(trend.unit)), html.escape(how))
        for trend, how in report.missed]))
    body.append(_table("Earlier changes", header, [*_change_rows(old)]))
    body.append(_table("Lines of the history that could not be read", ("where",),
                       [(html.escape(line),) for line in report.unreadable]))
    names = dict.fromkeys(trend.name.split(".")[0] for trend in report.trends)
    for group in sorted(names, key=lambda name: (name + "." == nights.CANARY, name)):
        of_group = [trend for trend in report.trends if trend.name.split(".")[0] == group]
        drawings = "".join(_trend(trend, report.of(trend), targets) for trend in of_group)
        body.append('<section><h2>%s</h2><div class="row">\n%s</div></section>\n' % (
            html.escape(group), drawings))
    return ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'\">\n"
            "<title>Penstock: %s</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<main>\n"
            "%s</main>\n</body>\n</html>\n") % (
                html.escape(last.time[:10]), STYLE.read_text(), OWN_STYLE, "".join(body))
