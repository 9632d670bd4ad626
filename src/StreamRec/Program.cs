Console.WriteLine("streamrec");
