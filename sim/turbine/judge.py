"""What a run of a Turbine cluster must fulfil, from what its hosts counted. No Mininet, no privilege.

A cluster's numbers, as cluster.py collects them:

    leader     what `turbine_node leader` printed, over all its calls
    relays     {host: what `turbine_node relay` printed}
    dead       {host: no_ports}: datagrams that came to a relay that does not run
    receivers  {host: what Receiver.numbers() says in hosts.py}
    links      {host: queue_out, ring_out, queue_in, ring_in}: packets dropped on its link, away from it and
               to it, by the shaped queue in front and by the veth ring behind

docs/turbine.md has every key.
"""


def add_digests(digests):
    """The digest of several disjoint multisets together: counts and sums add up (engine/packet/digest.h)."""
    count = total = 0
    for digest in digests:
        own_count, own_sum = digest.split(":")
        count += int(own_count)
        total = (total + int(own_sum, 16)) % (1 << 256)
    return f"{count}:{total:064x}"


def add_leaders(reports):
    """One report over several calls of the leader, of different slots."""
    return {
        "sets": sum(report["sets"] for report in reports),
        "shreds": sum(report["shreds"] for report in reports),
        "elapsed_ns": sum(report["elapsed_ns"] for report in reports),
        "content_digest": add_digests([report["content_digest"] for report in reports]),
        "sent": {host: sum(report["sent"][host] for report in reports) for host in reports[0]["sent"]},
    }


def check(name, passed, detail):
    return {"name": name, "pass": passed, "detail": detail}


def content_checks(numbers, expected):
    """Of each receiver; where the scenario declares that some cannot have all, that this is so."""
    wanted = numbers["leader"]["content_digest"]
    if expected == "incomplete":
        digests = [receiver["content_digest"] for receiver in numbers["receivers"].values()]
        lacking = len(digests) - digests.count(wanted)
        yield check("content incomplete", lacking > 0,
                    f"declared, and {lacking} receivers lack some" if lacking > 0
                    else "declared, but every receiver has all: take expect.content out of the scenario")
        return
    for host, receiver in numbers["receivers"].items():
        got = receiver["content_digest"]
        yield check(f"content {host}", got == wanted,
                    "as the leader's" if got == wanted else f"{got}, the leader sent {wanted}")


def path_checks(numbers):
    for host, receiver in numbers["receivers"].items():
        yield check(f"path {host}", receiver["path"] == receiver["wanted_path"],
                    f"{receiver['path']}, asked for {receiver['wanted_path']}")


def rebuilt_checks(numbers):
    """What did not reach a receiver is what it rebuilt: it got each of its shreds once."""
    for host, receiver in numbers["receivers"].items():
        if receiver["sets"] < numbers["leader"]["sets"]:
            yield check(f"rebuilt {host}", None,
                        f"{receiver['sets']} of {numbers['leader']['sets']} sets finished")
            continue
        lost = numbers["leader"]["shreds"] - receiver["consumed"]
        yield check(f"rebuilt {host}", lost == receiver["never_came"] and receiver["duplicates"] == 0,
                    f"{lost} did not come, {receiver['never_came']} rebuilt, {receiver['duplicates']} twice")


def loss_checks(numbers, expected):
    """Whether each receiver had something to rebuild, where the scenario says so."""
    for host, receiver in numbers["receivers"].items():
        lost = numbers["leader"]["shreds"] - receiver["consumed"]
        if expected != "any":
            yield check(f"loss {host}", (lost > 0) == (expected == "some"),
                        f"{lost} did not come, expected {expected}")


def engine_lost(receiver):
    return sum(receiver["lost"].values())


def engine_checks(numbers):
    """By the names that laws of other topologies have, which the report's loss curve goes by."""
    for host, receiver in numbers["receivers"].items():
        lost = engine_lost(receiver)
        yield check(f"{host} {receiver['path']}.engine_loss", lost == 0, f"{lost} frames")


def account(name, sent, ends):
    text = " + ".join(f"{count} {end}" for end, count in ends.items())
    return check(name, sent == sum(ends.values()), f"{sent} sent = {text}")


def ends_of(numbers, hosts):
    """Where the datagrams that were sent to these hosts ended, as far as that is counted by host."""
    relays = [relay for host, relay in numbers["relays"].items() if host in hosts]
    receivers = [receiver for host, receiver in numbers["receivers"].items() if host in hosts]
    links = [numbers["links"][host] for host in hosts]
    dead = [each for host, each in numbers["dead"].items() if host in hosts]
    return {
        "received": sum(relay["received"] for relay in relays) + sum(each["consumed"] for each in receivers),
        "to the dead": sum(each["no_ports"] for each in dead),
        "lost by sockets": sum(relay["socket_dropped"] for relay in relays),
        "lost by engines": sum(engine_lost(receiver) for receiver in receivers),
        "lost by queues": sum(link["queue_in"] for link in links),
        "lost by rings": sum(link["ring_in"] for link in links),
    }


def sent_to(numbers, host):
    return sum(sender["sent"][host] for sender in [numbers["leader"], *numbers["relays"].values()])


def conservation(numbers):
    """Every datagram that a host sent was received by one, or dropped where it is counted."""
    hosts = [*numbers["relays"], *numbers["dead"], *numbers["receivers"]]
    ends = ends_of(numbers, hosts)
    # What a sender's own link dropped was for nobody in particular.
    ends["lost by queues"] += sum(link["queue_out"] for link in numbers["links"].values())
    ends["lost by rings"] += sum(link["ring_out"] for link in numbers["links"].values())
    return account("conservation", sum(sent_to(numbers, host) for host in hosts), ends)


def host_accounts(numbers):
    """The same for each host, where all drops are a host's."""
    away = sum(link["queue_out"] + link["ring_out"] for link in numbers["links"].values())
    for host in [*numbers["relays"], *numbers["dead"], *numbers["receivers"]]:
        if away > 0:
            yield check(f"account {host}", None,
                        f"{away} were dropped on senders' links, for whom is not counted")
        else:
            yield account(f"account {host}", sent_to(numbers, host), ends_of(numbers, [host]))


def judge(numbers, expect):
    """All checks under a scenario's [expect] (scenario.py), in the form of result.json's (docs/result.md)."""
    junk = sum(relay["not_shreds"] for relay in numbers["relays"].values())
    return [
        *content_checks(numbers, expect["content"]),
        *path_checks(numbers),
        *loss_checks(numbers, expect["rebuilt"]),
        *rebuilt_checks(numbers),
        conservation(numbers),
        *host_accounts(numbers),
        *engine_checks(numbers),
        check("only shreds", junk == 0, f"{junk} other datagrams reached a relay"),
    ]


def table(numbers):
    """A line a host, as text."""
    lines = [f"  {'host':<10} {'path':<18} {'received':>9} {'lost':>7} {'rebuilt':>8} {'sets':>6}  content"]
    leader = numbers["leader"]
    lines.append(f"  {'leader':<10} {'':<18} {leader['shreds']:>9} {'':>7} {'':>8} {leader['sets']:>6}  "
                 f"{leader['content_digest'][:24]}... sent")
    for host, relay in numbers["relays"].items():
        lines.append(f"  {host:<10} {'relay':<18} {relay['received']:>9} "
                     f"{leader['shreds'] - relay['received']:>7} {'':>8} {'':>6}  "
                     f"{sum(relay['sent'].values())} sent on, {sum(relay['lost'].values())} left out")
    for host, dead in numbers["dead"].items():
        lines.append(f"  {host:<10} {'dead':<18} {0:>9} {leader['shreds']:>7} {'':>8} {'':>6}  "
                     f"{dead['no_ports']} came to nobody")
    for host, receiver in numbers["receivers"].items():
        same = receiver["content_digest"] == leader["content_digest"]
        lines.append(f"  {host:<10} {receiver['path']:<18} {receiver['consumed']:>9} "
                     f"{leader['shreds'] - receiver['consumed']:>7} {receiver['never_came']:>8} "
                     f"{receiver['sets']:>6}  {'as the leader' if same else 'DIFFERS'}")
    return "\n".join(lines)
