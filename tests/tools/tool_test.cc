#include "tools/tool/tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "tests/storage/filled_folder.h"

namespace holdfast::tool {
namespace {

using testing::HasSubstr;

// What an operator sees of the tool.
class ToolTest : public testing::Test {
 protected:
  int Run(std::initializer_list<std::string_view> words) {
    out_.str("");
    err_.str("");
    return tool::Run(std::vector<std::string_view>(words), storage::PosixEnv(), out_, err_);
  }
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ToolTest, HelpNamesEveryCommandAndExitsWithZero) {
  EXPECT_EQ(Run({"help"}), kDone);
  for (const char* command : {"check", "salvage", "compact", "help"}) {
    EXPECT_THAT(out_.str(), HasSubstr(std::string("holdfast-tool ") + command));
  }
}

TEST_F(ToolTest, WrongWordsAreAnsweredWithTheHelp) {
  EXPECT_EQ(Run({}), kUsage);
  EXPECT_EQ(Run({"compact"}), kUsage);
  EXPECT_EQ(Run({"compact", "a", "b"}), kUsage);
  EXPECT_EQ(Run({"compress", "a"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("holdfast-tool compact FOLDER"));
}

TEST_F(ToolTest, CompactSaysWhatItNeedsAndWhatItGained) {
  storage::FilledFolder folder;
  EXPECT_EQ(Run({"compact", folder.path()}), kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("The copy needs that much room"));
  EXPECT_THAT(out_.str(), HasSubstr("are free again"));
}

TEST_F(ToolTest, CompactOfAFolderInUseFailsAndNamesTheServer) {
  storage::FilledFolder folder;
  folder.Open();
  EXPECT_EQ(Run({"compact", folder.path()}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("in use by another server, process"));
  folder.Kill();
}

TEST_F(ToolTest, CheckOfASoundFolderSaysSo) {
  storage::FilledFolder folder;
  EXPECT_EQ(Run({"check", folder.path()}), kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("All of it is sound."));
}

TEST_F(ToolTest, CheckAndSalvageOfADamagedFolderNameTheDamageAndWhatToDo) {
  storage::FilledFolder folder;
  std::string bytes = storage::FilledFolder::ReadFile(folder.data_path());
  for (size_t at = bytes.find("under a long key"); at != std::string::npos;
       at = bytes.find("under a long key", at + 1)) {
    bytes[at] ^= 1;
  }
  storage::FilledFolder::WriteFile(folder.data_path(), bytes);
  EXPECT_EQ(Run({"check", folder.path()}), kDamaged);
  EXPECT_THAT(out_.str(), HasSubstr("DAMAGE " + folder.data_path() + ", byte "));
  EXPECT_THAT(out_.str(), HasSubstr("What to do: "));
  const fakes::TemporaryFolder place;
  EXPECT_EQ(Run({"salvage", folder.path(), place.path() + "/new"}), kDamaged);
  EXPECT_THAT(out_.str(), HasSubstr("lost: the entry "));
  EXPECT_EQ(Run({"check", place.path() + "/new"}), kDone);
}

TEST_F(ToolTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_EQ(Run({"compact", "/nowhere/at/all"}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace holdfast::tool
