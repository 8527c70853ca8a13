// The outlet as readers see it, hostile ones too. They use the C header that is shipped for them.
#include "engine/outlet/outlet.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
using Buffer = std::array<unsigned char, PENSTOCK_SHREDS_CHUNK>;

class Reader {
 public:
  explicit Reader(const std::string& path) { error = penstock_shreds_open(&in, path.c_str()); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { penstock_shreds_close(&in); }

  bool next() { return penstock_shreds_next(&in, &about, payload.data()) == 1; }

  penstock_shreds in{};
  int error = 0;
  penstock_shred about{};
  Buffer payload{};
};

class OutletTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDepth = 16;
  static constexpr std::uint64_t kLast = ~std::uint64_t{0};

  std::unique_ptr<Outlet> open(std::uint32_t depth = kDepth) const {
    auto outlet = Outlet::open({.socket = path_, .depth = depth});
    EXPECT_TRUE(outlet) << outlet.error().message();
    return outlet ? std::move(*outlet) : nullptr;
  }
  // Connects while the outlet tends to its door, as its owner does.
  static std::unique_ptr<Reader> join(Outlet& outlet, const std::string& path) {
    std::unique_ptr<Reader> reader;
    std::atomic<bool> done{false};
    std::jthread connecting([&] {
      reader = std::make_unique<Reader>(path);
      done = true;
    });
    while (!done) {
      outlet.tend();
      usleep(100);
    }
    return reader;
  }
  std::unique_ptr<Reader> join(Outlet& outlet) const { return join(outlet, path_); }

  // A payload that tells its number, and whether it is whole.
  static std::vector<std::byte> payload(std::uint64_t number, std::size_t bytes) {
    std::vector<std::byte> made(bytes, static_cast<std::byte>(number % 251));
    std::memcpy(made.data(), &number, std::min(bytes, sizeof(number)));
    return made;
  }
  static void publish(Outlet& outlet, std::uint64_t number, std::size_t bytes = 1203) {
    Frag frag;
    frag.source_port = static_cast<std::uint16_t>(number);
    outlet.datagram(frag, payload(number, bytes));
  }
  static std::uint64_t number_of(const Reader& reader) {
    std::uint64_t number = 0;
    std::memcpy(&number, reader.payload.data(), sizeof(number));
    return number;
  }
  static bool whole(const Reader& reader) {
    const auto wanted = payload(number_of(reader), reader.about.length);
    return std::memcmp(wanted.data(), reader.payload.data(), wanted.size()) == 0 &&
           reader.about.source_port == static_cast<std::uint16_t>(number_of(reader));
  }

  // Not in the test's own folder, whose name is longer than a socket's may be.
  const TemporaryFolder temporary_{"/tmp"};
  const fs::path folder_ = temporary_.path();
  const std::string path_ = folder_ / "shreds";
};

TEST_F(OutletTest, AReaderGetsWhatIsPublishedFromThenOnWhole) {
  const auto outlet = open();
  publish(*outlet, 1);
  const auto reader = join(*outlet);
  ASSERT_EQ(reader->error, 0);
  EXPECT_FALSE(reader->next()) << "published before it came";
  for (const std::size_t bytes : {8u, 9u, 1203u, 1228u, 1472u, 2048u}) {
    publish(*outlet, bytes, bytes);
    ASSERT_TRUE(reader->next()) << bytes;
    EXPECT_EQ(reader->about.length, bytes);
    EXPECT_TRUE(whole(*reader));
    EXPECT_FALSE(reader->next());
  }
  EXPECT_TRUE(penstock_shreds_alive(&reader->in));
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletPublished), 7u);
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletReaders), 1u);
}

TEST_F(OutletTest, ASlowReaderKnowsExactlyWhatItMissedAndSoDoesTheEngine) {
  const auto outlet = open();
  const auto slow = join(*outlet);
  const auto quick = join(*outlet);
  std::uint64_t got_by_quick = 0, got_by_slow = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    publish(*outlet, i);
    while (quick->next())
      ++got_by_quick;
    if (i % 100 != 99) continue;
    while (slow->next()) {
      ++got_by_slow;
      EXPECT_TRUE(whole(*slow));
    }
    EXPECT_EQ(got_by_slow + slow->in.lost, i + 1);
  }
  EXPECT_EQ(got_by_quick, 1000u);
  EXPECT_EQ(quick->in.lost, 0u);
  EXPECT_GT(got_by_slow, 0u);
  outlet->tend();
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletLost), slow->in.lost);
}

// The engine is this process too, so its ring is open here as a reader's is.
TEST_F(OutletTest, TheRingCannotBeWrittenNorCutByAReader) {
  const auto outlet = open();
  const auto reader = join(*outlet);
  int rings = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    if (fs::read_symlink(entry.path(), error).string().find("penstock-shreds") == std::string::npos) continue;
    ++rings;
    const int fd = std::stoi(entry.path().filename());
    EXPECT_EQ(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    EXPECT_EQ(errno, EPERM);
    EXPECT_NE(ftruncate(fd, 0), 0);
    EXPECT_LT(write(fd, "x", 1), 0);
  }
  EXPECT_GT(rings, 0);
}

TEST_F(OutletTest, GarbageInAReadersPageHurtsNobody) {
  const auto outlet = open();
  const auto hostile = join(*outlet);
  const auto other = join(*outlet);
  std::memset(hostile->in.position, 0xff, 4096);
  for (std::uint64_t i = 0; i < 100; ++i) {
    publish(*outlet, i);
    outlet->tend();
    ASSERT_TRUE(other->next());
    EXPECT_TRUE(whole(*other));
  }
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletLost), 0u) << "more than was published is no number";
  hostile->in.position->lost = 50;
  outlet->tend();
  hostile->in.position->lost = 3;
  outlet->tend();
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletLost), 50u) << "a counter never goes back";
  const std::string garbage(10'000, 'g');
  EXPECT_LE(send(hostile->in.connection, garbage.data(), garbage.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
            10'000);
  outlet->tend();
  publish(*outlet, 100);
  EXPECT_TRUE(other->next());
}

TEST_F(OutletTest, TurnsTheSeventeenthAwayUntilOneHasGone) {
  const auto outlet = open();
  std::vector<std::unique_ptr<Reader>> readers;
  for (std::size_t i = 0; i < OutletDoor::kMostReaders; ++i) {
    readers.push_back(join(*outlet));
    ASSERT_EQ(readers.back()->error, 0) << i;
  }
  EXPECT_EQ(join(*outlet)->error, -ECONNREFUSED);
  EXPECT_EQ(outlet->snapshot().get(Counter::kOutletRefused), 1u);
  readers.pop_back();
  outlet->tend();
  EXPECT_EQ(join(*outlet)->error, 0);
}

TEST_F(OutletTest, ReplacesTheFileOfAKilledEngineAndNotThatOfALivingOne) {
  const auto outlet = open();
  const auto second = Outlet::open({.socket = path_, .depth = kDepth});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  const pid_t engine = fork();
  const std::string other = path_ + ".other";
  if (engine == 0) {
    const auto killed = Outlet::open({.socket = other, .depth = kDepth});
    raise(SIGKILL);
  }
  ASSERT_EQ(waitpid(engine, nullptr, 0), engine);
  EXPECT_TRUE(fs::exists(other));
  {
    const auto anew = Outlet::open({.socket = other, .depth = kDepth});
    ASSERT_TRUE(anew) << anew.error().message();
    EXPECT_EQ(join(**anew, other)->error, 0);
  }
  EXPECT_FALSE(fs::exists(other)) << "it takes its file with it";
  EXPECT_FALSE(Outlet::open({.socket = "/nowhere/at/all", .depth = kDepth}));
}

TEST_F(OutletTest, AnAbstractNameNeedsNoFile) {
  const std::string name = "@penstock-outlet-test-" + std::to_string(getpid());
  const auto outlet = Outlet::open({.socket = name, .depth = kDepth});
  ASSERT_TRUE(outlet) << outlet.error().message();
  const auto reader = join(**outlet, name);
  ASSERT_EQ(reader->error, 0);
  publish(**outlet, 7);
  EXPECT_TRUE(reader->next());
}

TEST_F(OutletTest, AReaderSeesItsEngineGoAndReadsTheRest) {
  auto outlet = open();
  const auto reader = join(*outlet);
  publish(*outlet, 1);
  publish(*outlet, 2);
  outlet.reset();
  EXPECT_FALSE(penstock_shreds_alive(&reader->in));
  EXPECT_TRUE(reader->next());
  EXPECT_TRUE(reader->next());
  EXPECT_EQ(number_of(*reader), 2u);
  EXPECT_FALSE(reader->next());
  EXPECT_EQ(Reader(path_).error, -ENOENT);
}

// A reader in a process of its own, until it has read the last payload. Returns its exit status.
int read_to_the_last(const std::string& path, int ready, bool (*whole)(const Reader&), std::uint64_t last) {
  Reader reader(path);
  if (reader.error != 0 || write(ready, "r", 1) != 1) return 2;
  std::uint64_t got = 0, number = 0;
  while (number != last) {
    if (!reader.next()) continue;
    std::memcpy(&number, reader.payload.data(), sizeof(number));
    if (number != last && !whole(reader)) return 3;
    ++got;
  }
  return got + reader.in.lost == reader.in.next ? 0 : 4;
}

// At full speed; the first is killed in the middle of it.
TEST_F(OutletTest, ProcessesReadOnlyWholePayloadsAndMayBeKilled) {
  const auto outlet = open(64);
  std::array<pid_t, 2> children{};
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  for (pid_t& child : children) {
    child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(read_to_the_last(path_, ready[1], whole, kLast));
  }
  char byte = 0;
  for (int joined = 0; joined < 2; ++joined) {
    pollfd waiting{ready[0], POLLIN, 0};
    while (poll(&waiting, 1, 0) == 0)
      outlet->tend();
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
  }
  for (std::uint64_t i = 0; i < 400'000; ++i) {
    publish(*outlet, i, 1203 + i % 26);
    if (i == 200'000) kill(children[0], SIGKILL);
    if (i % 10'000 == 0) outlet->tend();
  }
  publish(*outlet, kLast);
  int status = 0;
  ASSERT_EQ(waitpid(children[1], &status, 0), children[1]);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ASSERT_EQ(waitpid(children[0], &status, 0), children[0]);
  EXPECT_TRUE(WIFSIGNALED(status));
  outlet->tend();
  EXPECT_EQ(join(*outlet)->error, 0) << "and others come";
}

}  // namespace
}  // namespace penstock
