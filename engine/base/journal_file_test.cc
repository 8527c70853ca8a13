// Two at once, a text in another's place, the end.
#include "engine/base/journal_file.h"

#include <errno.h>

#include <string>

#include <gtest/gtest.h>

#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

class JournalFileTest : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "journal";
};

TEST_F(JournalFileTest, IsOneProcesssUntilItGoes) {
  {
    auto journal = JournalFile::open(file_, {});
    ASSERT_TRUE(journal) << journal.error().message();
    ASSERT_TRUE(journal->append("one\n"));
    ASSERT_TRUE(journal->append("two\nthr"));
    const auto second = JournalFile::open(file_, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EBUSY);
    ASSERT_TRUE(journal->replace("other\n"));
    EXPECT_EQ(JournalFile::open(file_, {}).error().code, EBUSY) << "the new file is locked too";
  }
  auto journal = JournalFile::open(file_, {});
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->text().value(), "other\n");
  ASSERT_TRUE(journal->cut(3));
  EXPECT_EQ(journal->text().value(), "oth");
  ASSERT_TRUE(journal->remove());
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(JournalFileTest, ALinkIsFollowedOnlyWhenThatIsAskedFor) {
  std::filesystem::create_symlink("elsewhere", file_);
  EXPECT_EQ(JournalFile::open(file_, {}).error().code, ELOOP);
  EXPECT_TRUE(JournalFile::open(file_, {.follows_links = true}));
}

}  // namespace
}  // namespace penstock
