#Requires -Version 7.2
<#
.SYNOPSIS
Builds the firmware, provisions an ESP32 with it and deploys it.

.DESCRIPTION
Does in this order what its parameters ask for, and stops at the first step that fails:
  1. build      the device projects with nanoFramework's project system (nuget, msbuild)
  2. update     nanoFramework itself on the board (nanoff --update), with -UpdateFirmware
  3. provision  device.json and certificates as files on I:\, with -DeviceJson; the Wi-Fi network, with -Ssid
  4. deploy     the firmware (nanoff --nanodevice --deploy), which finds the deployment area by itself

Whether the certificate and its key become files on I:\ or the device's stored certificate is read from device.json (tls.stored).
PEM goes to the board with a trailing NUL, since nanoFramework takes PEM without it for DER and nanoff does not add it.
Files with a password or key are made in a folder that only you can read, and deleted at the end, whatever happens. No secret is printed.

Needs: nanoff (dotnet tool install -g nanoff). To build: on Windows nuget.exe and Visual Studio or its Build Tools with the nanoFramework
extension; on Linux and macOS mono's msbuild and nuget, and -ProjectSystemPath.

.PARAMETER Port
Serial port of the board, such as COM5 or /dev/ttyUSB0. Without it, the only port of this computer is taken.

.PARAMETER Configuration
Release or Debug.

.PARAMETER SkipBuild
Deploys what was built before.

.PARAMETER ProjectSystemPath
Folder v1.0 of nanoFramework's project system where it is not part of Visual Studio (it comes with the VS Code extension).

.PARAMETER UpdateFirmware
Installs nanoFramework on the board first; needs -Target. A new board needs it once, and again when the packages are updated.

.PARAMETER Target
nanoFramework's name of the board's image, such as ESP32_REV3, ESP32_PSRAM_REV3, ESP32_S3_OCTAL or ESP32_C3; "nanoff --platform esp32 --listtargets" lists them.

.PARAMETER FwVersion
Version of nanoFramework to install. Its native parts must fit the packages in packages.config; without it nanoff takes the newest.

.PARAMETER MassErase
Erases the whole flash before the update: firmware, files, Wi-Fi and certificates. Only with -UpdateFirmware.

.PARAMETER DeviceJson
The configuration to put on the board as I:\device.json. With it the certificates are provisioned, too.

.PARAMETER Certificate
The device's certificate, PEM.

.PARAMETER Key
The private key of the certificate, PEM, not encrypted.

.PARAMETER Ca
The CA certificates that the device trusts, PEM. Default: Amazon Root CA 1.

.PARAMETER Ssid
Wi-Fi network to store in the device. The password is asked for, or taken from -WifiPassword or the environment variable FIRMWARE_WIFI_PASSWORD.

.PARAMETER WifiPassword
The password as a SecureString, for scripts.

.PARAMETER WifiAuthentication
WPA2, WPA or Open.

.EXAMPLE
./flash.ps1 -UpdateFirmware -Target ESP32_REV3 -DeviceJson device.json -Certificate certs/toaster-01.pem -Key certs/toaster-01.key -Ssid MyNetwork

A new board: installs nanoFramework, provisions configuration, certificates and Wi-Fi, builds and deploys.

.EXAMPLE
./flash.ps1

Builds and deploys a new version onto a board that has the rest.
#>
[CmdletBinding()]
param(
    [string] $Port,
    [ValidateSet('Release', 'Debug')] [string] $Configuration = 'Release',
    [switch] $SkipBuild,
    [string] $ProjectSystemPath,
    [switch] $UpdateFirmware,
    [ValidatePattern('^[A-Za-z0-9_]+$')] [string] $Target,
    [ValidatePattern('^[0-9A-Za-z.\-]+$')] [string] $FwVersion,
    [switch] $MassErase,
    [string] $DeviceJson,
    [string] $Certificate,
    [string] $Key,
    [string] $Ca,
    [ValidateLength(1, 32)] [string] $Ssid,
    [securestring] $WifiPassword,
    [ValidateSet('WPA2', 'WPA', 'Open')] [string] $WifiAuthentication = 'WPA2'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# Exit codes are checked here, with a message that says which step failed.
$PSNativeCommandUseErrorActionPreference = $false
$env:NANOFRAMEWORK_TELEMETRY_OPTOUT = '1'

# Runs a tool, shows its output as it comes, and throws if it ends with another exit code than 0. Gives the output's lines.
function Invoke-Tool([string] $What, [string] $Tool, [string[]] $Arguments) {
    Write-Host "== $What"
    $lines = [System.Collections.Generic.List[string]]::new()
    & $Tool @Arguments 2>&1 | ForEach-Object {
        $lines.Add("$_")
        Write-Host "$_"
    }
    if ($LASTEXITCODE -ne 0) {
        throw "$What failed: $Tool ended with exit code $LASTEXITCODE."
    }
    return , $lines
}

# The same for nanoff, which ends with 0 although a file was not written, and although it did nothing. (While provisioning it also says that it
# did nothing when it did: there the files' lines decide.)
function Invoke-Nanoff([string] $What, [string[]] $Arguments, [switch] $Provisioning) {
    $lines = Invoke-Tool $What 'nanoff' $Arguments
    foreach ($line in $lines) {
        $nothingDone = -not $Provisioning -and $line -match 'No operation was performed'
        if ($nothingDone -or $line -match '(Error|Exception) deploying') {
            throw "$What failed: nanoff says '$($line.Trim())'."
        }
    }
}

function Find-Tool([string] $Name, [string] $Advice) {
    if (-not (Get-Command -Name $Name -ErrorAction Ignore)) {
        throw "$Name was not found: $Advice."
    }
}

function Find-MSBuild {
    if ($IsWindows) {
        $vswhere = [System.IO.Path]::Combine(${env:ProgramFiles(x86)}, 'Microsoft Visual Studio', 'Installer', 'vswhere.exe')
        if ([System.IO.File]::Exists($vswhere)) {
            $found = @(& $vswhere -latest -products * -requires Microsoft.Component.MSBuild -find 'MSBuild\**\Bin\MSBuild.exe')
            if ($found.Count -gt 0) {
                return $found[0]
            }
        }
    }
    Find-Tool 'msbuild' 'install Visual Studio or its Build Tools (Windows) or mono-complete (Linux, macOS)'
    return 'msbuild'
}

function Find-Port {
    $lines = Invoke-Tool 'List serial ports' 'nanoff' @('--listports')
    $ports = @($lines | ForEach-Object { if ($_ -match '^\s+(COM\d+|/dev/\S+)\s*$') { $Matches[1] } })
    switch ($ports.Count) {
        0 { throw 'No serial port was found: plug the board in, and install the driver of its USB chip.' }
        1 { return $ports[0] }
        default { throw "There are several serial ports ($($ports -join ', ')): choose one with -Port." }
    }
}

function Resolve-InputFile([string] $Path, [string] $Parameter) {
    if (-not $Path) {
        throw "-$Parameter is missing: -DeviceJson needs it to provision the board."
    }
    $full = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not [System.IO.File]::Exists($full)) {
        throw "-${Parameter}: there is no file $full."
    }
    return $full
}

# The bytes of a PEM file, which must hold what the parameter is for, with the NUL that nanoFramework wants at the end.
function Get-PemWithNul([string[]] $Paths) {
    $bytes = [System.Collections.Generic.List[byte]]::new()
    foreach ($path in $Paths) {
        $bytes.AddRange([byte[]] [System.IO.File]::ReadAllBytes($path))
        while ($bytes.Count -gt 0 -and $bytes[$bytes.Count - 1] -eq 0) {
            $bytes.RemoveAt($bytes.Count - 1)
        }
        if ($bytes.Count -gt 0 -and $bytes[$bytes.Count - 1] -ne 10) {
            $bytes.Add(10)
        }
    }
    $bytes.Add(0)
    return , $bytes.ToArray()
}

function Assert-Pem([string] $Path, [string] $Parameter, [string] $Label) {
    $text = [System.IO.File]::ReadAllText($Path)
    if ($text -match 'ENCRYPTED') {
        throw "-${Parameter}: $Path is encrypted; the device has no password for it."
    }
    if ($text -notmatch "-----BEGIN ([A-Z]+ )*$Label-----") {
        throw "-${Parameter}: $Path holds no '$Label' in PEM."
    }
}

# What device.json says about TLS. The firmware checks the whole file at start-up; here only what decides where things go.
function Read-TlsSettings([string] $Path) {
    $settings = @{ ca = 'ca.pem'; certificate = 'device.pem'; key = 'device.key'; stored = $false }
    try {
        $json = [System.Text.Json.JsonDocument]::Parse([System.IO.File]::ReadAllText($Path))
    }
    catch {
        throw "-DeviceJson: $Path is not JSON: $($_.Exception.InnerException.Message)"
    }
    $tls = [System.Text.Json.JsonElement]::new()
    if ($json.RootElement.TryGetProperty('tls', [ref] $tls)) {
        foreach ($property in $tls.EnumerateObject()) {
            $settings[$property.Name] = if ($property.Name -eq 'stored') { $property.Value.GetBoolean() } else { $property.Value.GetString() }
        }
    }
    $json.Dispose()
    return $settings
}

# The Wi-Fi password: -WifiPassword, the environment variable, or a question whose answer is not shown.
function Read-WifiPassword {
    if ($WifiAuthentication -eq 'Open') {
        return ''
    }
    $password = if ($WifiPassword) { [System.Net.NetworkCredential]::new('', $WifiPassword).Password }
    elseif ($env:FIRMWARE_WIFI_PASSWORD) { $env:FIRMWARE_WIFI_PASSWORD }
    else { [System.Net.NetworkCredential]::new('', (Read-Host -AsSecureString -Prompt "Password of the Wi-Fi network $Ssid")).Password }
    if ($password.Length -lt 8 -or $password.Length -gt 63) {
        throw "The password of a $WifiAuthentication network has 8 to 63 characters. (For a network without one: -WifiAuthentication Open.)"
    }
    return $password
}

# A folder that only its owner can read; on Windows the user's temporary folder is already that.
function New-PrivateFolder {
    $path = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), 'flash-' + [guid]::NewGuid().ToString('N'))
    if ($IsWindows) {
        [void] [System.IO.Directory]::CreateDirectory($path)
    }
    else {
        [void] [System.IO.Directory]::CreateDirectory($path, [System.IO.UnixFileMode] 'UserRead, UserWrite, UserExecute')
    }
    return $path
}

function Invoke-Build {
    Find-Tool 'nuget' 'install the NuGet command line (nuget.exe) and put it on the PATH'
    $msbuild = Find-MSBuild
    # The device projects' packages only: asked for the solution, nuget would also evaluate the .NET projects, with whatever SDK it finds.
    $folders = [System.IO.Directory]::GetDirectories($PSScriptRoot, 'Firmware*')
    [array]::Sort($folders)
    foreach ($folder in $folders) {
        $list = [System.IO.Path]::Combine($folder, 'packages.config')
        if ([System.IO.File]::Exists($list)) {
            $packages = [System.IO.Path]::Combine($PSScriptRoot, 'packages')
            [void] (Invoke-Tool "Restore $([System.IO.Path]::GetFileName($folder))" 'nuget' @('restore', $list, '-PackagesDirectory', $packages, '-NonInteractive'))
        }
    }
    $arguments = @([System.IO.Path]::Combine($PSScriptRoot, 'Firmware.sln'), '-p:Platform=Any CPU', "-p:Configuration=$Configuration", '-nologo', '-v:minimal')
    if ($ProjectSystemPath) {
        $arguments += "-p:NanoFrameworkProjectSystemPath=$($ProjectSystemPath.TrimEnd('/', '\'))/"
    }
    [void] (Invoke-Tool 'Build' $msbuild $arguments)
}

function Find-Image {
    $folder = [System.IO.Path]::Combine($PSScriptRoot, 'Firmware', 'bin', $Configuration)
    $images = @(if ([System.IO.Directory]::Exists($folder)) { [System.IO.Directory]::GetFiles($folder, '*.bin') })
    if ($images.Count -ne 1) {
        throw "$folder holds $($images.Count) .bin files instead of one: delete the folder and build again (without -SkipBuild)."
    }
    return $images[0]
}

# Writes the JSON files for nanoff and what they point to into a private folder, and gives nanoff's arguments.
function New-Provisioning([string] $Folder, [string] $SerialPort) {
    $arguments = @()
    $network = [ordered] @{ SerialPort = $SerialPort }
    if ($DeviceJson) {
        $files = @(@{ DestinationFilePath = 'I:\device.json'; SourceFilePath = $deviceJsonPath })
        $deploy = [ordered] @{ $tlsSettings.ca = @($caPath) }
        if ($tlsSettings.stored) {
            # The device's certificate store wants the certificate and its key in one.
            $network.DeviceCertificatesPath = [System.IO.Path]::Combine($Folder, 'stored.pem')
            [System.IO.File]::WriteAllBytes($network.DeviceCertificatesPath, (Get-PemWithNul @($certificatePath, $keyPath)))
        }
        else {
            $deploy[$tlsSettings.certificate] = @($certificatePath)
            $deploy[$tlsSettings.key] = @($keyPath)
        }
        foreach ($name in $deploy.Keys) {
            $copy = [System.IO.Path]::Combine($Folder, "$($files.Count)-" + [System.IO.Path]::GetFileName($name))
            [System.IO.File]::WriteAllBytes($copy, (Get-PemWithNul $deploy[$name]))
            $files += @{ DestinationFilePath = "I:\$name"; SourceFilePath = $copy }
        }
        $filesJson = [System.IO.Path]::Combine($Folder, 'files.json')
        [System.IO.File]::WriteAllText($filesJson, (ConvertTo-Json -Depth 4 -InputObject @{ serialport = $SerialPort; files = $files }))
        $arguments += '--filedeployment', $filesJson
    }
    if ($Ssid) {
        $network.WirelessClient = [ordered] @{
            Ssid                = $Ssid
            Password            = $password
            Authentication      = $WifiAuthentication
            Encryption          = @{ WPA2 = 'WPA2_PSK2'; WPA = 'WPA_PSK'; Open = 'None' }[$WifiAuthentication]
            ConfigurationOption = 'AutoConnect'
            DhcpEnabled         = $true
            AutomaticDNS        = $true
        }
    }
    if ($network.Count -gt 1) {
        $networkJson = [System.IO.Path]::Combine($Folder, 'network.json')
        [System.IO.File]::WriteAllText($networkJson, (ConvertTo-Json -Depth 4 -InputObject $network))
        $arguments += '--networkdeployment', $networkJson
    }
    return , $arguments
}

# Everything that can be wrong with the parameters is found before anything is built or erased.
if ($UpdateFirmware -and -not $Target) {
    throw '-UpdateFirmware needs -Target, such as ESP32_REV3: the wrong image does not start.'
}
if ($MassErase -and -not $UpdateFirmware) {
    throw '-MassErase erases nanoFramework, too: use it with -UpdateFirmware.'
}
if (-not $DeviceJson -and ($Certificate -or $Key -or $Ca)) {
    throw '-Certificate, -Key and -Ca are provisioned together with -DeviceJson, which says where they go.'
}
if ($DeviceJson) {
    $deviceJsonPath = Resolve-InputFile $DeviceJson 'DeviceJson'
    $certificatePath = Resolve-InputFile $Certificate 'Certificate'
    $keyPath = Resolve-InputFile $Key 'Key'
    $caPath = Resolve-InputFile $(if ($Ca) { $Ca } else { [System.IO.Path]::Combine($PSScriptRoot, 'certs', 'amazon-root-ca-1.pem') }) 'Ca'
    Assert-Pem $certificatePath 'Certificate' 'CERTIFICATE'
    Assert-Pem $keyPath 'Key' 'PRIVATE KEY'
    Assert-Pem $caPath 'Ca' 'CERTIFICATE'
    $tlsSettings = Read-TlsSettings $deviceJsonPath
}
elseif ($MassErase) {
    Write-Host 'Note: after -MassErase the board has no device.json and no certificates; -DeviceJson would provision them.'
}
$password = if ($Ssid) { Read-WifiPassword }
Find-Tool 'nanoff' 'install it with "dotnet tool install -g nanoff"'
if (-not $Port) {
    $Port = Find-Port
}

if (-not $SkipBuild) {
    Invoke-Build
}
$image = Find-Image

if ($UpdateFirmware) {
    $arguments = @('--update', '--target', $Target, '--serialport', $Port)
    if ($FwVersion) {
        $arguments += '--fwversion', $FwVersion
    }
    if ($MassErase) {
        $arguments += '--masserase'
    }
    Invoke-Nanoff "Update nanoFramework on $Port" $arguments
    # the board restarts
    Start-Sleep -Seconds 5
}

if ($DeviceJson -or $Ssid) {
    $folder = New-PrivateFolder
    try {
        # Not with --nanodevice: nanoff then ignores files and network.
        $arguments = @('--serialport', $Port) + (New-Provisioning $folder $Port)
        Invoke-Nanoff "Provision $Port" $arguments -Provisioning
    }
    finally {
        [System.IO.Directory]::Delete($folder, $true)
    }
}

# Not with --target: without an address nanoff then writes to 0x1B0000, which is not where every board's deployment area begins.
Invoke-Nanoff "Deploy to $Port" @('--nanodevice', '--serialport', $Port, '--deploy', '--image', $image)
Write-Host "Done: $([System.IO.Path]::GetFileName($image)) is on the board at $Port."
