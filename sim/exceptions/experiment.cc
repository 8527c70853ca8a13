// Running experiments.
#include "sim/exceptions/experiment.h"

#include <algorithm>
#include <cstring>

#include "sim/topology/quiesce.h"

namespace penstock {
namespace {

constexpr Path kPaths[] = {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};

bool is_af_xdp(std::optional<Path> path) {
  return path == Path::kKernelFilter || path == Path::kUserspaceFilter;
}

bool is_ours(const Datagram& datagram) {
  return datagram.payload.size() >= 12 && std::memcmp(datagram.payload.data(), "the datagram", 12) == 0;
}

// The value, or the end of the test: there is nothing to observe without it.
template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}
void expect_ok(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message());
}

Outcome outcome_of(const std::vector<Datagram>& delivered, Witness* other, std::uint64_t slow_marks,
                   const Observed& observed) {
  const CounterSnapshot& engine = observed.engine;
  const auto grew = [&](const char* name) {
    return growth(observed.kernel_before, observed.kernel_after, name) != 0;
  };
  if (std::any_of(delivered.begin(), delivered.end(), is_ours)) {
    return engine.sum(Counter::kSlowWayPublished) > slow_marks ? Outcome::kLate : Outcome::kDelivered;
  }
  if (other != nullptr) {
    std::vector<Datagram> theirs;
    expect_ok(other->take(theirs));
    if (std::any_of(theirs.begin(), theirs.end(), is_ours)) return Outcome::kElsewhere;
  }
  if (engine.sum(Counter::kDiscarded) + engine.sum(Counter::kSlowWayDiscarded) != 0)
    return Outcome::kDiscarded;
  return grew("Udp:NoPorts") || grew("Udp6NoPorts") ? Outcome::kRefused : Outcome::kDropped;
}

}  // namespace

std::vector<std::byte> experiment_payload(std::size_t bytes) {
  std::vector<std::byte> made(bytes, std::byte{0x5a});
  std::memcpy(made.data(), "the datagram", 12);
  return made;
}

void Exception::expect_row(const Experiment& experiment) {
  const char* id = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const DeclaredException* row = ExceptionTable::declared().find(id);
  ASSERT_NE(row, nullptr) << id;
  const Observed linux_did = observe(experiment, std::nullopt);
  EXPECT_EQ(is_delivered(linux_did.outcome), is_delivered(row->oracle))
      << "Linux: " << to_string(linux_did.outcome);
  check_counter(*row, linux_did);
  for (const Path path : kPaths) {
    const Observed path_did = observe(experiment, path);
    EXPECT_EQ(to_string(path_did.outcome), to_string(row->paths.at(to_string(path)))) << to_string(path);
    check_counter(*row, path_did);
  }
  EXPECT_TRUE(counter_moved_) << row->counter << " shows nothing";
}

Observed Exception::observe(const Experiment& experiment, std::optional<Path> path) {
  const std::unique_ptr<FuzzStage> made = value(FuzzStage::make(experiment.host, experiment.sender_offloads));
  FuzzStage& stage = *made;
  const VethTopology& topology = stage.topology();
  if (experiment.before_witness) expect_ok(experiment.before_witness(topology));
  std::unique_ptr<Witness> other;
  if (is_af_xdp(path) && experiment.other_program)
    other = value(open_socket_witness(topology.receiver(), experiment.host.ports, false));
  if (!path) {
    expect_ok(stage.open_sockets(experiment.oracle_bound_to));
  } else {
    AfXdpConfig config = experiment.receiver;
    const ClassifierConfig options = config.classifier;
    config.classifier = experiment.host.classifier();
    config.classifier.ipv6 = options.ipv6;
    config.classifier.verify_udp_checksum = options.verify_udp_checksum;
    expect_ok(stage.open_path(*path, config));
  }
  if (experiment.after_witness) expect_ok(experiment.after_witness(topology));

  Observed observed{.kernel_before = value(stage.kernel_counters())};
  if (experiment.send) expect_ok(experiment.send(topology));
  std::vector<Datagram> delivered = value(stage.run_until_valid(experiment.frames));
  observed.kernel_after = value(wait_for_quiesce([&] { return stage.kernel_counters(); }, 10 * kSecond));
  // What `send` sent may have waited on another CPU than the marks.
  for (Datagram& late : value(stage.run_until_valid({})))
    delivered.push_back(std::move(late));
  observed.engine = stage.counters();
  for (const Datagram& datagram : delivered)
    observed.order.emplace_back(reinterpret_cast<const char*>(datagram.payload.data()),
                                datagram.payload.size());
  observed.outcome = outcome_of(delivered, other.get(), stage.slow_marks(), observed);
  return observed;
}

// The row's counter moves in the run that it is about: Linux's own, or a path's.
void Exception::check_counter(const DeclaredException& row, const Observed& observed) {
  if (growth(observed.kernel_before, observed.kernel_after, row.counter) != 0) counter_moved_ = true;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const CounterInfo& info = counter_info(counter);
    for (std::size_t value = 0; value < label_values(info.label); ++value) {
      const std::string name(info.name);
      const bool named =
          row.counter == name || row.counter == name + "{" + label_value(info.label, value) + "}";
      if (named && observed.engine.get(counter, value) != 0) counter_moved_ = true;
    }
  }
}

}  // namespace penstock
