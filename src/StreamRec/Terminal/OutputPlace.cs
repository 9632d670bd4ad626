namespace StreamRec.Terminal;

/// <summary>
/// Whether results can be written where they shall stand: told before hours of training, and not after.
/// </summary>
internal static class OutputPlace
{
    /// <summary>A directory that is made at the end, in one step, from another beside it.</summary>
    /// <exception cref="StreamRecException">It cannot be made there.</exception>
    public static void CheckNewDirectory(string option, string directory)
    {
        RefuseEmpty(option, directory);
        if (File.Exists(directory))
        {
            throw new StreamRecException(
                $"{option} '{directory}' is a file: give a directory that is not there yet.",
                FaultKind.Usage
            );
        }
        CheckFile(option, Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), mayMakeParent: true);
    }

    /// <summary>A directory that holds files as they come.</summary>
    /// <exception cref="StreamRecException">It cannot be made, or nothing can be written into it.</exception>
    public static void CheckDirectory(string option, string directory)
    {
        if (Directory.Exists(directory))
        {
            CheckFile(option, Path.Combine(Path.GetFullPath(directory), "probe"), mayMakeParent: false);
            return;
        }
        CheckNewDirectory(option, directory);
    }

    /// <summary>A file in a directory that is there.</summary>
    /// <exception cref="StreamRecException">Nothing can be written beside it.</exception>
    public static void CheckFile(string option, string file)
    {
        RefuseEmpty(option, file);
        CheckFile(option, Path.GetFullPath(file), mayMakeParent: false);
    }

    private static void CheckFile(string option, string path, bool mayMakeParent)
    {
        try
        {
            var parent = Path.GetDirectoryName(path) ?? throw new IOException("It is the root of the file system.");
            if (mayMakeParent)
            {
                Directory.CreateDirectory(parent);
            }
            var probe = Path.Combine(parent, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
            using var written = new FileStream(
                probe,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"{option} '{path}' cannot be written: {fault.Message}", FaultKind.Usage);
        }
    }

    private static void RefuseEmpty(string option, string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new StreamRecException($"{option} is empty: give a path.", FaultKind.Usage);
        }
    }
}
