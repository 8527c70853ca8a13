"""A Report as text: what a terminal, a mail or a chat shows of the night."""


def text(report, history, page=""):
    last = history[-1]
    lines = ["%s, %s at %s: %d series, night %d of the history" % (
        last.time, last.commit[:9], last.machine, len(report.trends), len(history))]
    for finding in report.new_regressions:
        lines.append("REGRESSION %s: %s" % (finding.trend.name, finding.words))
        lines.append("  bisect: bench/history/bisect --good %s --bad %s %s" % (
            finding.last_good.commit[:9], finding.night.commit[:9], finding.trend.name))
    for finding in report.findings:
        if finding.new and not finding.regression:
            what = "machine" if finding.machine or finding.trend.is_canary else "better"
            lines.append("%s %s: %s" % (what, finding.trend.name, finding.words))
    for trend, ratio in report.suspects:
        lines.append("suspect %s: %+.1f %% last night" % (trend.name, 100 * (ratio - 1)))
    for trend, how in report.missed:
        lines.append("target missed %s: %.4g %s, %s" % (trend.name, trend.values[-1], trend.unit, how))
    lines += ["unreadable %s" % line for line in report.unreadable]
    lines.append("%d new regressions, %d suspects, %d targets missed%s" % (
        len(report.new_regressions), len(report.suspects), len(report.missed), page and "; " + page))
    return "\n".join(lines)
