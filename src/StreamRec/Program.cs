using StreamRec.Commands;

return await CommandRunner.RunAsync(CommandTree.Create(), args);
