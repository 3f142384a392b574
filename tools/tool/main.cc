#include <exception>
#include <iostream>
#include <string_view>
#include <vector>

#include "storage/env.h"
#include "tools/tool/tool.h"

int main(int argc, char** argv) {
  try {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    return holdfast::tool::Run(words, holdfast::storage::PosixEnv(), std::cout, std::cerr);
  } catch (const std::exception& fault) {
    std::cerr << "holdfast-tool: " << fault.what() << "\n";
    return holdfast::tool::kFailed;
  }
}
