// The page at /: shows the sensors live and switches the actuators, over the WebSocket /events. No frameworks, nothing from elsewhere (its policy forbids
// both), under 8 KB. Written for a phone held upright; works without a token, then only shows.

using Firmware.Protocols.Io;

namespace Firmware.Features.Web
{
    /// <summary>The page as bytes.</summary>
    public static class WebPage
    {
        private static byte[] _bytes;

        /// <summary>The fields that go with it: whole lines.</summary>
        public static readonly byte[] Fields = Firmware.Protocols.Io.Bytes.FromString("content-type: text/html; charset=utf-8\r\n"
            + "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
            + "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n");

        /// <summary>The page, HTML in UTF-8. Made at the first call: a board that nobody looks at needs no room for it.</summary>
        public static byte[] Bytes
        {
            get { return _bytes ?? (_bytes = Firmware.Protocols.Io.Bytes.FromString(Html)); }
        }

        private const string Html = @"<!doctype html>
<html lang=""en""><head><meta charset=""utf-8""><meta name=""viewport"" content=""width=device-width,initial-scale=1""><title>Thing</title>
<style>
body{font:16px system-ui,sans-serif;margin:0 auto;padding:1em;max-width:30em;background:#fafafa;color:#222}
h1{font-size:1.3em}h2{font-size:1em;margin:1.5em 0 .5em}
table{width:100%;border-collapse:collapse}td{padding:.5em 0;border-bottom:1px solid #ddd}td:last-child{text-align:right}
button{font:inherit;padding:.5em .9em;margin-left:.3em;border:1px solid #888;border-radius:.4em;background:#fff}
input{font:inherit;padding:.5em;width:60%;box-sizing:border-box}
#state{font-size:.9em;color:#666}#log{font-size:.9em;white-space:pre-wrap}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}button,input{background:#282828;color:#ddd}td{border-color:#444}}
</style></head><body>
<h1 id=""name"">Thing</h1><p id=""state"" role=""status"">connecting</p>
<h2>Sensors</h2><table id=""sensors""></table>
<h2>Actuators</h2><table id=""actuators""></table>
<h2>Token</h2><form id=""login""><input id=""token"" type=""password"" autocomplete=""off"" aria-label=""token""><button id=""use"">Use</button></form>
<h2>What happened</h2><div id=""log""></div>
<script>
'use strict';
const $=i=>document.getElementById(i),acts={led:['on','off'],light:['on','off','dim'],toaster:['on','off']};
const kinds={},rows={};let ws,token=sessionStorage.token||'';
$('token').value=token;
function row(n){
 if(rows[n])return rows[n];
 const a=n in acts,t=$(a?'actuators':'sensors').insertRow();
 t.insertCell().textContent=n;const v=t.insertCell();v.id='v-'+n;
 if(a){const b=t.insertCell();for(const c of acts[n]){const e=document.createElement('button');e.textContent=c;e.id=n+'-'+c;e.onclick=()=>send(n,c);b.append(e)}}
 return rows[n]=v}
function say(t){const d=document.createElement('div');d.textContent=new Date().toLocaleTimeString()+'  '+t;$('log').prepend(d);while($('log').childNodes.length>20)$('log').lastChild.remove()}
function show(m){
 for(const n in m){
  if(n==='time'||n==='seconds'||n==='percent'||n==='id')continue;
  if(n==='doorbell'){if(m.doorbell==='pressed')say('the doorbell rings');continue}
  row(n).textContent=m[n]+(m.percent!==undefined?' '+m.percent+' %':'')+(m.seconds!==undefined&&m[n]==='on'?' '+m.seconds+' s':'')}}
function send(n,c){
 if(!ws||ws.readyState!==1){say('not connected');return}
 const m={};m[n]=c;if(n==='toaster'&&c==='on')m.seconds=60;ws.send(JSON.stringify(m))}
function connect(){
 ws=new WebSocket((location.protocol==='https:'?'wss':'ws')+'://'+location.host+'/events');
 ws.onopen=()=>{$('state').textContent='connected';if(token)ws.send(JSON.stringify({token}))};
 ws.onclose=()=>{$('state').textContent='connection lost, trying again';setTimeout(connect,2000)};
 ws.onmessage=e=>{const m=JSON.parse(e.data);if(m.rejected)say('refused: '+m.rejected);else if(m.accepted)show(m.accepted);else show(m)}}
$('login').onsubmit=e=>{e.preventDefault();token=$('token').value;sessionStorage.token=token;if(ws&&ws.readyState===1)ws.send(JSON.stringify({token}))};
fetch('/system').then(r=>r.json()).then(s=>{$('name').textContent=document.title=s.thing}).catch(()=>{});
connect();
</script></body></html>
";
    }
}
