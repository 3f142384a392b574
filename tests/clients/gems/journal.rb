# What jobs did, kept outside the server under test: one line an event, appended with one write, so that lines of many
# processes never mix. The file is FOLDER/journal.
module Journal
  PATH = File.join(ENV.fetch("FOLDER"), "journal")

  module_function

  def note(*words)
    File.open(PATH, File::WRONLY | File::APPEND | File::CREAT) { |file| file.syswrite("#{words.join(" ")}\n") }
  end

  # All complete lines so far.
  def read
    return [] unless File.exist?(PATH)
    File.read(PATH).each_line.select { |line| line.end_with?("\n") }.map(&:chomp)
  end
end
