// A child runs one plan after the other and writes what came of each into a pipe, as a record of fixed size.
#include "sim/simulate/isolated.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

// An outcome as it goes through the pipe.
struct Record {
  std::uint64_t digest, events, steps, arrived, delivered, host, lost;
  Nanoseconds time;
  std::array<char, 1024> violation;
};

Record record_of(const SimOutcome& outcome) {
  Record record{outcome.digest,  outcome.events,    outcome.steps,
                outcome.arrived, outcome.delivered, outcome.host,
                outcome.lost,    outcome.time,      {}};
  outcome.violation.copy(record.violation.data(), record.violation.size() - 1);
  return record;
}

SimOutcome outcome_of(const Record& record) {
  return {.digest = record.digest,
          .violation = record.violation.data(),
          .events = record.events,
          .steps = record.steps,
          .arrived = record.arrived,
          .delivered = record.delivered,
          .host = record.host,
          .lost = record.lost,
          .time = record.time};
}

bool write_all(int fd, const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  while (bytes != 0) {
    const ssize_t written = write(fd, at, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
  return true;
}

// False at the end of the pipe.
bool read_all(int fd, void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes != 0) {
    const ssize_t got = read(fd, at, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

// A child, its records, and what it wrote to stderr.
class Child {
 public:
  using Work = std::function<std::optional<SimOutcome>()>;  // the next run, or nothing more

  static Result<Child> start(const Work& work) {
    Child child;
    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return fail("run a plan: pipe", errno);
    child.records_ = UniqueFd(pipe_ends[0]);
    const UniqueFd write_end(pipe_ends[1]);
    child.complaints_ = UniqueFd(memfd_create("complaints", MFD_CLOEXEC));
    if (!child.complaints_) return fail("run a plan: memfd_create", errno);
    child.pid_ = fork();
    if (child.pid_ < 0) return fail("run a plan: fork", errno);
    if (child.pid_ == 0) child.run(work, write_end.get());
    return child;
  }
  Child(Child&& other) noexcept
      : records_(std::move(other.records_)),
        complaints_(std::move(other.complaints_)),
        pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  int fd() const { return records_.get(); }
  // Blocks. Nothing when the child has ended.
  std::optional<SimOutcome> next() const {
    Record record;
    if (!read_all(records_.get(), &record, sizeof(record))) return std::nullopt;
    return outcome_of(record);
  }
  // After the last record: why the child ended early, or nothing.
  std::optional<std::string> reap() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
      return fmt::format("liveness: the run did not end within {} s", kHangSeconds);
    const std::string how =
        WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : fmt::format("status {}", WEXITSTATUS(status));
    return "the engine ended its process: " + how + ": " + first_line();
  }

 private:
  Child() = default;

  [[noreturn]] void run(const Work& work, int out) const {
    dup2(complaints_.get(), STDERR_FILENO);
    for (;;) {
      alarm(kHangSeconds);
      const std::optional<SimOutcome> outcome = work();
      if (!outcome) _exit(0);
      const Record record = record_of(*outcome);
      if (!write_all(out, &record, sizeof(record))) _exit(1);
    }
  }

  std::string first_line() const {
    std::array<char, 512> text{};
    const ssize_t got = pread(complaints_.get(), text.data(), text.size() - 1, 0);
    const std::string_view all(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    return std::string(all.substr(0, all.find('\n')));
  }

  UniqueFd records_, complaints_;
  pid_t pid_ = -1;
};

// One child at work on every jobs-th seed, and the seed that it is at.
struct Lane {
  std::uint64_t seed;
  Child child;
};

Result<Child> child_from(std::uint64_t seed, std::uint64_t end, unsigned step) {
  return Child::start([seed, end, step]() mutable -> std::optional<SimOutcome> {
    if (seed >= end) return std::nullopt;
    const std::uint64_t mine = std::exchange(seed, seed + step);
    return run_plan(draw_plan(mine));
  });
}

}  // namespace

Result<SimOutcome> run_isolated(const SimPlan& plan) {
  bool done = false;
  Result<Child> child = Child::start([&]() -> std::optional<SimOutcome> {
    if (std::exchange(done, true)) return std::nullopt;
    return run_plan(plan);
  });
  if (!child) return tl::unexpected(child.error());
  std::optional<SimOutcome> outcome = child->next();
  const std::optional<std::string> died = child->reap();
  if (outcome) return std::move(*outcome);
  return SimOutcome{.violation = died.value_or("the run gave no outcome")};
}

Status run_seeds(const SeedRange& seeds, unsigned jobs,
                 const std::function<bool(std::uint64_t seed, const SimOutcome& outcome)>& done) {
  const std::uint64_t end = seeds.first + seeds.count;
  std::list<Lane> lanes;
  for (unsigned job = 0; job < jobs; ++job) {
    Result<Child> child = child_from(seeds.first + job, end, jobs);
    if (!child) return tl::unexpected(child.error());
    lanes.push_back({seeds.first + job, std::move(*child)});
  }
  while (!lanes.empty()) {
    std::vector<pollfd> polled;
    for (const Lane& lane : lanes)
      polled.push_back({lane.child.fd(), POLLIN, 0});
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return fail("run seeds: poll", errno);
    const auto ready =
        std::find_if(polled.begin(), polled.end(), [](const pollfd& p) { return p.revents != 0; });
    if (ready == polled.end()) continue;
    const auto lane = std::next(lanes.begin(), ready - polled.begin());
    std::optional<SimOutcome> outcome = lane->child.next();
    std::optional<std::string> died;
    if (!outcome) {
      died = lane->child.reap();
      if (died) outcome = SimOutcome{.violation = *died};
    }
    const std::uint64_t seed = std::exchange(lane->seed, lane->seed + jobs);
    if (outcome && !done(seed, *outcome)) return {};
    if (outcome && !died) continue;
    const std::uint64_t next = lane->seed;
    lanes.erase(lane);
    if (!died) continue;
    Result<Child> child = child_from(next, end, jobs);
    if (!child) return tl::unexpected(child.error());
    lanes.push_back({next, std::move(*child)});
  }
  return {};
}

}  // namespace penstock
