// `penstock run` with [capture]: what is in the files by libpcap, and a disk that is full for a while. Needs
// root.
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "engine/capture/capture.h"
#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/shred/base58.h"
#include "engine/shred/signature.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaders = 42;  // Ethernet, IPv4 and UDP

class RunCaptureTest : public ReceiverOnVeth {
 protected:
  RunCaptureTest() { fs::create_directory(folder()); }
  ~RunCaptureTest() override { fs::remove_all(folder()); }

  static fs::path folder() { return RunProcess::folder() / "capture"; }
  static std::string config(const std::string& more = "") {
    return "interface = \"pen1\"\nports = [8003]\n" + more + "[capture]\nfolder = \"" + folder().string() +
           "\"\nfile_mib = 1\nfiles = 4\n";
  }
  // Does `what` until the counter has reached the value.
  static void until(
      const RunProcess& engine, const char* counter, std::int64_t value,
      const std::function<void()>& what = [] {}) {
    for (int i = 0; i < 3'000; ++i) {
      what();
      engine.refresh_counters();
      if (engine.counter(counter) >= value) return;
    }
    FAIL() << counter << " stays at " << engine.counter(counter) << "\n" << engine.output();
  }
  // The tags of datagram() in all files, as libpcap reads them; each file must be whole.
  static std::multiset<std::uint64_t> captured_tags() {
    std::multiset<std::uint64_t> tags;
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().extension() != ".pcapng" || fs::file_size(file) == 0) continue;
      char error[PCAP_ERRBUF_SIZE] = "";
      const std::unique_ptr<pcap_t, void (*)(pcap_t*)> pcap(pcap_open_offline(file.path().c_str(), error),
                                                            pcap_close);
      EXPECT_NE(pcap, nullptr) << file.path() << ": " << error;
      if (!pcap) continue;
      EXPECT_EQ(pcap_datalink(pcap.get()), DLT_EN10MB);
      pcap_pkthdr* header = nullptr;
      const u_char* bytes = nullptr;
      int got = 0;
      while ((got = pcap_next_ex(pcap.get(), &header, &bytes)) == 1) {
        std::uint64_t tag = 0;
        EXPECT_GE(header->caplen, kHeaders + sizeof(tag));
        std::memcpy(&tag, bytes + kHeaders, sizeof(tag));
        tags.insert(tag);
      }
      EXPECT_EQ(got, PCAP_ERROR_BREAK) << pcap_geterr(pcap.get());
    }
    return tags;
  }
};

TEST_F(RunCaptureTest, EveryDatagramOfTheFastAndOfTheSlowWayIsInTheFiles) {
  std::multiset<std::uint64_t> sent;
  for (int run = 0; run < 2; ++run) {
    RunProcess engine(config());
    ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
    for (int i = 0; i < 100; ++i) {
      sent.insert(send());
      sent.insert(send({.options = true}));
      send({.port = kOtherPort});  // not the engine's
    }
    until(engine, "penstock_capture_written_total", 200);
    EXPECT_EQ(engine.counter("penstock_overrun_total{consumer=\"capture\"}"), 0);
    engine.signal(SIGTERM);
    EXPECT_EQ(engine.wait(), 0) << engine.output();
  }
  EXPECT_EQ(captured_tags(), sent);
  EXPECT_TRUE(fs::exists(folder() / "penstock-000002.pcapng")) << "one file a run";
}

TEST_F(RunCaptureTest, OverSocketsToo) {
  std::multiset<std::uint64_t> sent;
  RunProcess engine(config("path = \"udp\"\n"));
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  for (int i = 0; i < 50; ++i)
    sent.insert(send());
  until(engine, "penstock_capture_written_total", 50);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_EQ(captured_tags(), sent);
}

// By both ways in, and the shred stage behind them. The comments are all that tells a forgery in the files.
TEST_F(RunCaptureTest, WithAShredStageEachDatagramHasItsVerdict) {
  const testing::SignedSet honest = testing::make_signed_set({});
  const testing::SignedSet forged = testing::make_signed_set({.fec_set_index = 32, .leader = 1});
  RunProcess engine(config("[shreds]\nstage = \"full\"\nleader = \"" +
                           to_base58(public_key_of(testing::test_leader(0))) + "\"\n") +
                    "verdicts = true\n");
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  std::int64_t sent = 0;
  const auto send_shred = [&](const std::vector<std::byte>& shred, const Sent& how = {}) {
    send_frame(datagram_of(shred, how));
    ++sent;
    until(engine, "penstock_capture_written_total", sent);  // in this order
  };
  send_shred(honest.shreds[0]);
  send_shred(honest.shreds[0], {.options = true});
  send_shred(forged.shreds[0]);
  send_shred(honest.shreds[1], {.options = true});
  engine.signal(SIGTERM);
  ASSERT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_EQ(engine.counter("penstock_shred_consumed_total"), sent);

  auto reader = CaptureReader::open(folder() / "penstock-000001.pcapng");
  ASSERT_TRUE(reader) << reader.error().message();
  std::vector<std::pair<std::string, std::vector<std::byte>>> said;
  for (auto each = reader->next(); each && *each; each = reader->next())
    said.emplace_back((*each)->comment, std::vector((*each)->bytes.begin() + kHeaders, (*each)->bytes.end()));
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0], std::pair(std::string("accepted"), honest.shreds[0]));
  EXPECT_EQ(said[1], std::pair(std::string("duplicate"), honest.shreds[0]));
  EXPECT_EQ(said[2].first.substr(0, 18), "refused: signature");
  EXPECT_EQ(said[2].second, forged.shreds[0]);
  EXPECT_EQ(said[3], std::pair(std::string("accepted"), honest.shreds[1]));
}

TEST_F(RunCaptureTest, AFolderThatIsNotThereIsSaidBeforeAnythingIsAttached) {
  fs::remove_all(folder());
  RunProcess engine(config());
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("capture into " + folder().string() + ": ENOENT"), std::string::npos)
      << engine.output();
}

class FullDiskTest : public RunCaptureTest {
 protected:
  FullDiskTest() {
    run("mount -t tmpfs -o size=256k tmpfs " + folder().string());
    run("head -c 131072 /dev/zero > " + filler().string());
  }
  ~FullDiskTest() override { run("umount " + folder().string()); }

  static fs::path filler() { return folder() / "filler"; }
};

// The engine goes on as if nothing were, says it once, and captures again when there is room.
TEST_F(FullDiskTest, CostsTheCaptureAloneAndIsSaid) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  std::int64_t sent = 0;
  const auto send_some = [&] {
    for (int i = 0; i < 50; ++i, ++sent)
      send();
  };
  until(engine, "penstock_capture_dropped_total", 1, send_some);
  ASSERT_TRUE(engine.says("captures nothing: write " + (folder() / "penstock-000001.pcapng").string() +
                          ": ENOSPC (No space left on device); fix: make room there"))
      << engine.output();
  const std::int64_t written = engine.counter("penstock_capture_written_total");
  EXPECT_GT(written, 0);
  until(engine, "penstock_sink_consumed_total", sent);

  fs::remove(filler());
  until(engine, "penstock_capture_written_total", written + 1, send_some);
  ASSERT_TRUE(engine.says("captures again")) << engine.output();
  until(engine, "penstock_sink_consumed_total", sent);
  // Its stop does not wait for a thread that the machine has let stand.
  const auto accounted = [&] {
    return engine.counter("penstock_capture_written_total") +
           engine.counter("penstock_capture_dropped_total") +
           engine.counter("penstock_overrun_total{consumer=\"capture\"}");
  };
  for (int i = 0; i < 3'000 && accounted() < sent; ++i)
    engine.refresh_counters();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_EQ(engine.counter("penstock_sink_consumed_total"), sent);
  EXPECT_EQ(accounted(), sent);
  EXPECT_EQ(static_cast<std::int64_t>(captured_tags().size()),
            engine.counter("penstock_capture_written_total"));
}

}  // namespace
}  // namespace penstock
