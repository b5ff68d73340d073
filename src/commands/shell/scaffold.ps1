# Completions of scaffold for PowerShell: the program itself says what can stand at the cursor.
Register-ArgumentCompleter -Native -CommandName 'scaffold' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $text = $commandAst.Extent.Text
    $length = [Math]::Min($text.Length, $cursorPosition - $commandAst.Extent.StartOffset)
    $words = @($text.Substring(0, $length) -split '\s+')
    $current = if ($cursorPosition -gt $commandAst.Extent.EndOffset) { '' } else { $words[-1] }
    if ($current -ne '') { $words = @($words | Select-Object -SkipLast 1) }
    $words = @($words | Where-Object { $_ -ne '' } | Select-Object -Skip 1)
    $lines = @(& scaffold __complete "=$current" @words 2>$null)
    if ($lines.Count -eq 0 -or $lines[0] -eq 'files') { return }
    # PowerShell may complete only the part after a comma; what stands before it is there already.
    $there = [Math]::Max(0, $current.Length - "$wordToComplete".Length)
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($value.Substring($there), $value, 'ParameterValue', $help)
    }
}
